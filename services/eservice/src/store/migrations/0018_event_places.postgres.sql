-- As for every table of cases (0003): a host sees and writes its own services' rows.
ALTER TABLE event_places ENABLE ROW LEVEL SECURITY;
CREATE POLICY hosted ON event_places USING (
    EXISTS (SELECT FROM role_services WHERE role = current_user::text AND service = '*')
    OR hosted_service = ANY (ARRAY(SELECT service FROM role_services WHERE role = current_user::text)));
