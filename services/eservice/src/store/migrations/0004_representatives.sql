-- Who acts for the applicant; empty where the applicant does.
ALTER TABLE cases ADD COLUMN representative BLOB;
