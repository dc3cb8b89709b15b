-- Both questions are asked once a statement, not once a row, and leave every index in use. What a whole agency shares
-- (numbers, published revisions, its own page) has no policy.
DO $$
DECLARE
    one RECORD;
BEGIN
    FOR one IN SELECT * FROM (VALUES
        ('cases', 'agency || ''/'' || service'), ('case_events', 'hosted_service'), ('case_actions', 'hosted_service'),
        ('case_timers', 'hosted_service'), ('case_tasks', 'hosted_service')) AS keyed (name, service)
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', one.name);
        EXECUTE format('CREATE POLICY hosted ON %I USING (
                EXISTS (SELECT FROM role_services WHERE role = current_user::text AND service = ''*'')
                OR %s = ANY (ARRAY(SELECT service FROM role_services WHERE role = current_user::text)))',
            one.name, one.service);
    END LOOP;
END
$$;
