# Whether the review of a revision counts rows exactly.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0002_approver_choices")]

    operations = [
        migrations.AddField("revision", "count_exactly", models.BooleanField(default=False)),
    ]
