-- Who acts for the applicant, and until when; empty when nobody does or the mandate has ended.
ALTER TABLE entries ADD COLUMN representative BLOB;
ALTER TABLE entries ADD COLUMN represented_until BIGINT NOT NULL DEFAULT 0;
CREATE INDEX entries_by_representative ON entries (representative, changed);
