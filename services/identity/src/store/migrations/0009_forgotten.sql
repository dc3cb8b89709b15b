-- When somebody last needed to know a person: they signed in, or a service asked about them. Nobody is forgotten before that is long ago.
ALTER TABLE persons ADD COLUMN needed_us BIGINT NOT NULL DEFAULT 0;
-- When what was known of them was destroyed. From then on `wrapped_key` and `facts` are empty; the id stays, and the keyed hash by which
-- whoever comes back is the same person again.
ALTER TABLE persons ADD COLUMN forgotten_us BIGINT;
UPDATE persons SET needed_us = updated_us;
CREATE INDEX persons_by_need ON persons (needed_us) WHERE forgotten_us IS NULL;
