-- Who acts for the payer in the case; empty where nobody does, and in what an older release made.
ALTER TABLE intent ADD COLUMN representative BLOB;
