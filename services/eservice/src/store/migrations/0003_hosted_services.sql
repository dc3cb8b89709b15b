-- Which service's each row is, as `agency/service`: a host on PostgreSQL sees and writes only its own services' rows.
-- An empty one belongs to no service and is seen by hosts of every service only.
ALTER TABLE case_events ADD COLUMN hosted_service TEXT NOT NULL DEFAULT '';
ALTER TABLE case_actions ADD COLUMN hosted_service TEXT NOT NULL DEFAULT '';
ALTER TABLE case_timers ADD COLUMN hosted_service TEXT NOT NULL DEFAULT '';
ALTER TABLE case_tasks ADD COLUMN hosted_service TEXT NOT NULL DEFAULT '';
UPDATE case_events SET hosted_service =
    COALESCE((SELECT agency || '/' || service FROM cases WHERE cases.case_id = case_events.case_id), '');
UPDATE case_actions SET hosted_service =
    COALESCE((SELECT agency || '/' || service FROM cases WHERE cases.case_id = case_actions.case_id), '');
UPDATE case_timers SET hosted_service =
    COALESCE((SELECT agency || '/' || service FROM cases WHERE cases.case_id = case_timers.case_id), '');
UPDATE case_tasks SET hosted_service =
    COALESCE((SELECT cases.agency || '/' || service FROM cases WHERE cases.case_id = case_tasks.case_id), '');
