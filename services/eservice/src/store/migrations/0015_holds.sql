-- Until when a legal hold stands; none: until somebody ends it. Who laid it stands here as in the audit, and why, sealed
-- with the case's key, for those who look after what is held.
ALTER TABLE cases ADD COLUMN held_until BIGINT;
ALTER TABLE cases ADD COLUMN held_by BLOB;
ALTER TABLE cases ADD COLUMN held_for TEXT;
-- Why a case whose retention is over is still here, as one word.
ALTER TABLE cases ADD COLUMN erase_waits TEXT;
