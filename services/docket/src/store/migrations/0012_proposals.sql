-- Whose proposal waits for a second officer.
ALTER TABLE tasks ADD COLUMN proposer BLOB;
