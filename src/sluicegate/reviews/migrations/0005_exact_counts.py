# Whether the rows were counted.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reviews", "0004_impact")]

    operations = [
        migrations.AddField("reviewedstatement", "estimate_exact", models.BooleanField(default=False)),
    ]
