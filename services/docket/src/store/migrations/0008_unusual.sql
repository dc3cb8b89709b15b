-- Look-ups of a week that are worth an auditor's question, and which weeks were looked through.
CREATE TABLE unusual (
    week BIGINT NOT NULL,
    rule TEXT NOT NULL,
    agency TEXT NOT NULL,
    person BLOB NOT NULL,
    times BIGINT NOT NULL,
    usual BIGINT NOT NULL,
    PRIMARY KEY (week, rule, agency, person)
);
CREATE TABLE unusual_weeks (
    week BIGINT PRIMARY KEY
);
