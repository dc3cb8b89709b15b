-- Agencies' own systems: under which NATS user key each was admitted to its agency's account, from when to when.
CREATE TABLE agents (
    agency TEXT NOT NULL,
    agent TEXT NOT NULL,
    nats_user TEXT NOT NULL,
    since BIGINT NOT NULL,
    ended BIGINT,
    PRIMARY KEY (agency, agent, nats_user)
);
