-- Who acts for the holder in the document's case; empty where nobody does, and in what an older release issued.
ALTER TABLE documents ADD COLUMN representative BLOB;
