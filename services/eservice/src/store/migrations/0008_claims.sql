-- Who has an open task, as its case was written last: found when their role ends.
ALTER TABLE case_tasks ADD COLUMN assignee BLOB;
CREATE INDEX case_tasks_assigned ON case_tasks (task_id) WHERE assignee IS NOT NULL AND closed IS NULL;
