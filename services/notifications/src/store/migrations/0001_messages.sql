CREATE TABLE case_key (
    case_id BLOB PRIMARY KEY,
    agency TEXT NOT NULL,
    wrapped BLOB NOT NULL
);

CREATE TABLE message (
    message BLOB PRIMARY KEY,
    case_id BLOB NOT NULL,
    recipient BLOB NOT NULL,
    agency TEXT NOT NULL,
    service TEXT NOT NULL,
    notification TEXT NOT NULL,
    language TEXT NOT NULL,
    once BIGINT NOT NULL,
    letter BLOB NOT NULL,
    time_us BIGINT NOT NULL,
    read_us BIGINT NOT NULL
);
CREATE INDEX message_recipient ON message (recipient, time_us);

CREATE TABLE delivery (
    message BLOB NOT NULL,
    place BIGINT NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    tries BIGINT NOT NULL,
    next_us BIGINT NOT NULL,
    gateway_id TEXT,
    sent_us BIGINT NOT NULL,
    PRIMARY KEY (message, place)
);
CREATE INDEX delivery_due ON delivery (next_us) WHERE next_us > 0;
