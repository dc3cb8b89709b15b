-- Whose an action is: of equal ids each asker's is another action. Empty where an older release kept the row.
ALTER TABLE answers ADD COLUMN asked_by BLOB;
ALTER TABLE inbox ADD COLUMN asked_by BLOB;
