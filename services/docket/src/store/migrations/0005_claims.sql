-- Who has a task, and until when.
ALTER TABLE tasks ADD COLUMN assignee BLOB;
ALTER TABLE tasks ADD COLUMN claimed_until BIGINT NOT NULL DEFAULT 0;
