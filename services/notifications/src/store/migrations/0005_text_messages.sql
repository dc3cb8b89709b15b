-- What left for which number within a day, by a keyed hash of the number: counted, then forgotten.
CREATE TABLE text_sent (
    message BLOB NOT NULL,
    attempt BIGINT NOT NULL,
    number BLOB NOT NULL,
    time_us BIGINT NOT NULL,
    PRIMARY KEY (message, attempt)
);
CREATE INDEX text_sent_number ON text_sent (number, time_us);
CREATE INDEX text_sent_time ON text_sent (time_us);

-- What a gateway took and bills, in parts and at the price of the time; outlives the cases, because it names nobody.
CREATE TABLE text_spent (
    agency TEXT NOT NULL,
    service TEXT NOT NULL,
    month TEXT NOT NULL,
    messages BIGINT NOT NULL,
    segments BIGINT NOT NULL,
    tiyin BIGINT NOT NULL,
    PRIMARY KEY (month, agency, service)
);
