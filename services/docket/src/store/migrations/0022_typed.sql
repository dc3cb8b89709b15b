-- Officers who typed what came on paper and do not decide it, sixteen bytes each. Nothing: nobody did.
ALTER TABLE tasks ADD COLUMN typed_by BLOB;
