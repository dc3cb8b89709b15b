-- Any host of the agency lays by; only a host of the service sees what was laid by for it, and takes it. Nobody changes it.
ALTER TABLE events_laid_by ENABLE ROW LEVEL SECURITY;
CREATE POLICY laid ON events_laid_by FOR INSERT WITH CHECK (true);
CREATE POLICY hosted ON events_laid_by FOR SELECT USING (
    EXISTS (SELECT FROM role_services WHERE role = current_user::text AND service = '*')
    OR hosted_service = ANY (ARRAY(SELECT service FROM role_services WHERE role = current_user::text)));
CREATE POLICY taken ON events_laid_by FOR DELETE USING (
    EXISTS (SELECT FROM role_services WHERE role = current_user::text AND service = '*')
    OR hosted_service = ANY (ARRAY(SELECT service FROM role_services WHERE role = current_user::text)));
