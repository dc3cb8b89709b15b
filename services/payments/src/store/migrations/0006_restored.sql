-- Intents that a case does not know any more, because its e-service was restored to a moment before them.
CREATE TABLE restored (
    intent BLOB PRIMARY KEY,
    case_id BLOB NOT NULL,
    fee TEXT NOT NULL,
    -- When what it holds goes back, unless the case has asked for the same fee again by then; 0: counted, or given back.
    due_us BIGINT NOT NULL,
    -- It is what the case paid.
    counted_us BIGINT NOT NULL
);
CREATE INDEX restored_case ON restored (case_id);
CREATE INDEX restored_due ON restored (due_us) WHERE due_us > 0;
