-- As for every table of cases (0003): a host sees and writes its own services' rows.
ALTER TABLE reissues ENABLE ROW LEVEL SECURITY;
CREATE POLICY hosted ON reissues USING (
    EXISTS (SELECT FROM role_services WHERE role = current_user::text AND service = '*')
    OR hosted_service = ANY (ARRAY(SELECT service FROM role_services WHERE role = current_user::text)));
ALTER TABLE reissued_documents ENABLE ROW LEVEL SECURITY;
CREATE POLICY hosted ON reissued_documents USING (
    EXISTS (SELECT FROM role_services WHERE role = current_user::text AND service = '*')
    OR hosted_service = ANY (ARRAY(SELECT service FROM role_services WHERE role = current_user::text)));
