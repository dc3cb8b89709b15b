-- An opinion that an officer asked for beside the process: nobody takes it, and it is decided with no other.
ALTER TABLE tasks ADD COLUMN requested BIGINT NOT NULL DEFAULT 0;
