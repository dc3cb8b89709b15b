-- Hosts of agencies' e-services: under which keys each was admitted to the bus, from when to when. Rows stay, so that old
-- signatures can be judged.
CREATE TABLE hosts (
    agency TEXT NOT NULL,
    host TEXT NOT NULL,
    -- JSON list; empty: every service of the agency.
    services TEXT NOT NULL,
    nats_user TEXT NOT NULL,
    signing_key TEXT NOT NULL,
    since BIGINT NOT NULL,
    ended BIGINT,
    PRIMARY KEY (agency, host, nats_user, signing_key)
);
