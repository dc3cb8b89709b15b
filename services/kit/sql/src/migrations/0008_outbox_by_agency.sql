-- A host of one agency's services reads that agency's rows only.
CREATE INDEX outbox_by_agency ON outbox (agency, sequence);
