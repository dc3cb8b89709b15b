-- Which officer took in what came on paper, and types it.
ALTER TABLE cases ADD COLUMN taken_by BLOB;
CREATE INDEX cases_taken_in ON cases (taken_by, phase) WHERE taken_by IS NOT NULL;
