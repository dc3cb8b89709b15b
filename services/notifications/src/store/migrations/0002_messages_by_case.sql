-- A case's messages go with its key.
CREATE INDEX message_case ON message (case_id);
