-- When the retention of an ended case or of a discarded draft is over; moved on while something still stands in the way.
ALTER TABLE cases ADD COLUMN erase_due BIGINT;
-- Since when a legal hold forbids it.
ALTER TABLE cases ADD COLUMN held BIGINT;
-- When the key was destroyed. From then on `wrapped_key` and `state` are empty and `applicant` is a keyed hash.
ALTER TABLE cases ADD COLUMN erased BIGINT;
-- The act that orders it: JSON, text by language. Set before, when the erasure was ordered before its time.
ALTER TABLE cases ADD COLUMN erased_under TEXT;
CREATE INDEX cases_erase_due ON cases (erase_due) WHERE erase_due IS NOT NULL;
