"""Scripts are stored uncompressed, so that a window of a large one is read without all that stands before it."""

from django.db import migrations

SLICED = "ALTER TABLE executions_script ALTER COLUMN content SET STORAGE EXTERNAL"
WHOLE = "ALTER TABLE executions_script ALTER COLUMN content SET STORAGE EXTENDED"


class Migration(migrations.Migration):
    dependencies = [("executions", "0002_frozen_scripts")]

    operations = [migrations.RunSQL(SLICED, WHOLE)]
