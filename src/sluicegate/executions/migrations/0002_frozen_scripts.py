"""A frozen script, and the leave to execute one, never change: the database refuses it."""

from django.db import migrations

REFUSE = """
CREATE TRIGGER script_frozen BEFORE UPDATE ON executions_script
    FOR EACH ROW EXECUTE FUNCTION sluicegate_refuse_change();
CREATE TRIGGER grant_frozen BEFORE UPDATE ON executions_executiongrant
    FOR EACH ROW EXECUTE FUNCTION sluicegate_refuse_change();
"""

ALLOW = """
DROP TRIGGER script_frozen ON executions_script;
DROP TRIGGER grant_frozen ON executions_executiongrant;
"""


class Migration(migrations.Migration):
    dependencies = [("executions", "0001_initial"), ("audit", "0002_append_only")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
