-- How often letters to one address of a person came back, by a keyed hash of the address; forgotten after a month.
CREATE TABLE returned_mail (
    person BLOB NOT NULL,
    address BLOB NOT NULL,
    times BIGINT NOT NULL,
    last_us BIGINT NOT NULL,
    PRIMARY KEY (person, address)
);
CREATE INDEX returned_mail_time ON returned_mail (last_us);
