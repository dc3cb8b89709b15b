-- Calls that did not prove to come from the provider, counted by the hour and the refusal they got.
CREATE TABLE stranger (
    provider TEXT NOT NULL,
    outcome TEXT NOT NULL,
    hour BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    first_us BIGINT NOT NULL,
    last_us BIGINT NOT NULL,
    last_body_hash BLOB NOT NULL,
    PRIMARY KEY (provider, outcome, hour)
);
