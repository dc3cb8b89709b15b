-- From which ended case a case began, and by which of the definition's starts.
ALTER TABLE cases ADD COLUMN origin BLOB;
ALTER TABLE cases ADD COLUMN begun_by TEXT;
CREATE INDEX cases_from_case ON cases (origin) WHERE origin IS NOT NULL;
