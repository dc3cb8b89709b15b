-- Hash of the same content as HTML, which was made with the file and lies beside it. Empty where HTML could not say it, and in what an
-- older release issued.
ALTER TABLE documents ADD COLUMN twin BLOB;
