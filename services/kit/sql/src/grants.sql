-- What the roles that serve may do, given anew after every expansion of the schema by its owner.
DO $$
DECLARE
    runtime TEXT := current_database() || '_runtime';
    one RECORD;
    erasable TEXT;
    given TEXT;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = runtime) THEN
        RETURN; -- A trial with one role for everything.
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), runtime);
    FOR one IN
        SELECT oid, relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
    LOOP
        -- The argument of the trigger that refuses updates, without the zero that ends it; no row: no such trigger.
        SELECT convert_from(substring(tgargs FOR length(tgargs) - 1), 'UTF8') INTO erasable
        FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE tgrelid = one.oid AND proname = 'append_only' AND tgnargs = 1;
        given := CASE
            WHEN one.relname IN ('migrations', 'role_services') THEN 'SELECT'
            WHEN erasable IS NULL THEN 'SELECT, INSERT, UPDATE, DELETE'
            WHEN erasable = '' THEN 'SELECT, INSERT'
            ELSE format('SELECT, INSERT, UPDATE (%I)', erasable)
        END;
        EXECUTE format('REVOKE ALL ON %I FROM %I', one.relname, runtime);
        EXECUTE format('GRANT %s ON %I TO %I', given, one.relname, runtime);
    END LOOP;
END
$$;
