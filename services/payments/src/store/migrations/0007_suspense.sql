-- Money that came when nobody was owed it: where it waits until it goes back to the payer or pays another intent.
CREATE TABLE suspense (
    attempt BLOB PRIMARY KEY,
    intent BLOB NOT NULL,
    agency TEXT NOT NULL,
    amount BIGINT NOT NULL,
    -- How the intent stood when the money came.
    reason TEXT NOT NULL,
    since_us BIGINT NOT NULL,
    -- When it goes back by itself; 0: it did, or somebody had something else done with it.
    due_us BIGINT NOT NULL,
    closed_us BIGINT NOT NULL,
    -- The intent that it paid.
    attached BLOB
);
CREATE INDEX suspense_due ON suspense (due_us) WHERE due_us > 0;
CREATE INDEX suspense_open ON suspense (since_us, attempt) WHERE due_us > 0;
CREATE UNIQUE INDEX suspense_attached ON suspense (attached) WHERE attached IS NOT NULL;
CREATE INDEX intent_payer_open ON intent (payer) WHERE state = 'open';
