# What a change does to its table, and which share of it.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reviews", "0003_policies")]

    operations = [
        migrations.AddField("review", "worst_rows", models.BigIntegerField(null=True)),
        migrations.AddField("review", "worst_share", models.FloatField(null=True)),
        migrations.AddField("reviewedstatement", "estimate_params", models.JSONField(default=dict)),
        migrations.AddField("reviewedstatement", "table_rows", models.BigIntegerField(null=True)),
        migrations.AddField("reviewedstatement", "impact", models.JSONField(null=True)),
    ]
