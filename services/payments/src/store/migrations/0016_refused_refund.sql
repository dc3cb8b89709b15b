-- What payments refused to give back when a case asked for it, until it is given back.
CREATE TABLE refused_refund (
    intent BLOB PRIMARY KEY,
    -- Of the last refusal.
    code TEXT NOT NULL,
    time_us BIGINT NOT NULL
);
