-- As for every table of cases: a host sees and writes its own services' rows. Both questions are asked once a statement.
DO $$
DECLARE
    one TEXT;
BEGIN
    FOREACH one IN ARRAY ARRAY['case_uploads', 'case_upload_pieces']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', one);
        EXECUTE format('CREATE POLICY hosted ON %I USING (
                EXISTS (SELECT FROM role_services WHERE role = current_user::text AND service = ''*'')
                OR hosted_service = ANY (ARRAY(SELECT service FROM role_services WHERE role = current_user::text)))', one);
    END LOOP;
END
$$;
