-- Whether it is not known yet whose paper it is: found by whoever may say so, among however much is being typed.
ALTER TABLE cases ADD COLUMN awaits_identity BIGINT NOT NULL DEFAULT 0;
CREATE INDEX cases_awaiting_identity ON cases (agency, service, changed) WHERE awaits_identity = 1;
