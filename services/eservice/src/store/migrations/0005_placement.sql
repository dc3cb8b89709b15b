-- To what share of people a revision is offered, in percent.
ALTER TABLE service_revisions ADD COLUMN share BIGINT NOT NULL DEFAULT 100;
-- A service's placement as the register last gave it, and the version that was heard of since.
CREATE TABLE service_placements (
    agency TEXT NOT NULL,
    service TEXT NOT NULL,
    version BIGINT NOT NULL,
    heard BIGINT NOT NULL,
    -- Why no new applications are taken; empty while they are.
    closed TEXT NOT NULL,
    PRIMARY KEY (agency, service)
);
-- What happened to cases, as far as it tells how a revision fares: names of pages and steps, never what was typed.
CREATE TABLE case_marks (
    case_id BLOB NOT NULL,
    sequence BIGINT NOT NULL,
    revision BLOB NOT NULL,
    -- opened, page, submitted, entered, left, failed-expression, failed-call
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    at BIGINT NOT NULL,
    hosted_service TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (case_id, sequence)
);
CREATE INDEX case_marks_by_service ON case_marks (hosted_service, at);
CREATE INDEX cases_by_service ON cases (agency, service, phase, revision) WHERE erased IS NULL;
