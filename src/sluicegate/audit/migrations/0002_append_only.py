"""The database itself refuses to change what was logged."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION sluicegate_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_auditentry
    FOR EACH ROW EXECUTE FUNCTION sluicegate_refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION sluicegate_refuse_change();
"""

ALLOW = """
DROP TRIGGER audit_append_only ON audit_auditentry;
DROP TRIGGER audit_no_truncate ON audit_auditentry;
DROP FUNCTION sluicegate_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
