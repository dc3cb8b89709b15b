-- Where a letter was sent to, by a keyed hash of the address: known when it comes back.
ALTER TABLE delivery ADD COLUMN address BLOB;
