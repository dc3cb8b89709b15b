-- An erased case leaves only the places of its messages.
CREATE INDEX outbox_by_case ON outbox (case_id) WHERE case_id IS NOT NULL;
