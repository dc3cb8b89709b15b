-- What was asked for a case goes with it.
CREATE INDEX data_use_by_case ON data_use (case_id);
