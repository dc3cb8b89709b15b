-- Officers who typed what came on paper and do not decide it, sixteen bytes each. Nothing: nobody did.
ALTER TABLE tasks ADD COLUMN typed_by BLOB;
-- Of what only an officer can go on with: in which role.
ALTER TABLE entries ADD COLUMN typing_role TEXT;
CREATE INDEX entries_typed ON entries (agency, typing_role) WHERE typing_role IS NOT NULL;
