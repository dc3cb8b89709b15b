-- What finance officers look for payments by.
CREATE INDEX intent_number ON intent (number);
CREATE INDEX intent_created ON intent (created_us, intent);
CREATE INDEX intent_captured ON intent (captured_us) WHERE captured_us > 0;
CREATE INDEX attempt_by_transaction ON attempt (transaction_id);
