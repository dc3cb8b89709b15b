-- What a case is, as of its last transition. `state` is sealed with the case's key, the key is wrapped by the agency's.
CREATE TABLE cases (
    case_id BLOB PRIMARY KEY,
    version BIGINT NOT NULL,
    agency TEXT NOT NULL,
    service TEXT NOT NULL,
    revision BLOB NOT NULL,
    phase TEXT NOT NULL,
    applicant BLOB NOT NULL,
    number TEXT,
    wrapped_key BLOB NOT NULL,
    state BLOB NOT NULL,
    events BIGINT NOT NULL,
    opened BIGINT NOT NULL,
    changed BIGINT NOT NULL
);
CREATE UNIQUE INDEX cases_by_number ON cases (agency, number);
CREATE INDEX cases_by_applicant ON cases (applicant, agency, service, phase);
-- Everything that ever happened, sealed, never changed.
CREATE TABLE case_events (
    case_id BLOB NOT NULL,
    sequence BIGINT NOT NULL,
    version BIGINT NOT NULL,
    time BIGINT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (case_id, sequence)
);
-- What is asked of other services, committed before it is done.
CREATE TABLE case_actions (
    action_id BLOB PRIMARY KEY,
    case_id BLOB NOT NULL,
    operation TEXT NOT NULL,
    effect TEXT NOT NULL,
    -- waiting, started (only `once`), done
    state TEXT NOT NULL,
    -- The process' own attempt: a retry it decided is another one.
    attempt BIGINT NOT NULL,
    -- How often this attempt was sent.
    tries BIGINT NOT NULL,
    next_due BIGINT NOT NULL,
    expires BIGINT,
    held_until BIGINT NOT NULL,
    body BLOB NOT NULL,
    -- Of the transition that asked for it (`traceparent`).
    trace TEXT
);
CREATE INDEX case_actions_due ON case_actions (next_due) WHERE state = 'waiting';
CREATE INDEX case_actions_started ON case_actions (held_until) WHERE state = 'started';
CREATE TABLE case_timers (
    timer_id BLOB PRIMARY KEY,
    case_id BLOB NOT NULL,
    due BIGINT NOT NULL
);
CREATE INDEX case_timers_due ON case_timers (due);
-- Open and closed tasks, without anything about the applicant.
CREATE TABLE case_tasks (
    task_id BLOB PRIMARY KEY,
    case_id BLOB NOT NULL,
    step TEXT NOT NULL,
    agency TEXT NOT NULL,
    role TEXT NOT NULL,
    office TEXT,
    opened BIGINT NOT NULL,
    due BIGINT,
    closed BIGINT
);
-- The last number that an agency gave in a year.
CREATE TABLE case_numbers (
    agency TEXT NOT NULL,
    year BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (agency, year)
);
-- Which revisions a service has and from which day each counts; the day is empty until the copy is here.
CREATE TABLE service_revisions (
    revision BLOB PRIMARY KEY,
    agency TEXT NOT NULL,
    service TEXT NOT NULL,
    admitted BIGINT,
    effective_from TEXT
);
CREATE INDEX service_revisions_by_service ON service_revisions (agency, service);
-- Agencies' own pages: titles and offices, as the register last gave them.
CREATE TABLE agencies (
    agency TEXT PRIMARY KEY,
    resource BLOB NOT NULL,
    read BIGINT NOT NULL
);
