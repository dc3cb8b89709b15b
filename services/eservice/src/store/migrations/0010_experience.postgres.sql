-- As for every table of cases (0003): a host sees and writes its own services' rows.
ALTER TABLE case_endings ENABLE ROW LEVEL SECURITY;
CREATE POLICY hosted ON case_endings USING (
    EXISTS (SELECT FROM role_services WHERE role = current_user::text AND service = '*')
    OR hosted_service = ANY (ARRAY(SELECT service FROM role_services WHERE role = current_user::text)));
ALTER TABLE case_ratings ENABLE ROW LEVEL SECURITY;
CREATE POLICY hosted ON case_ratings USING (
    EXISTS (SELECT FROM role_services WHERE role = current_user::text AND service = '*')
    OR hosted_service = ANY (ARRAY(SELECT service FROM role_services WHERE role = current_user::text)));
ALTER TABLE service_scores ENABLE ROW LEVEL SECURITY;
CREATE POLICY hosted ON service_scores USING (
    EXISTS (SELECT FROM role_services WHERE role = current_user::text AND service = '*')
    OR hosted_service = ANY (ARRAY(SELECT service FROM role_services WHERE role = current_user::text)));
