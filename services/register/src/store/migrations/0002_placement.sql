-- To what share of people a revision is offered (percent), since when, and what it was against the one before.
ALTER TABLE admissions ADD COLUMN share BIGINT NOT NULL DEFAULT 100;
ALTER TABLE admissions ADD COLUMN placed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE admissions ADD COLUMN change TEXT NOT NULL DEFAULT '';
ALTER TABLE admissions ADD COLUMN reason TEXT NOT NULL DEFAULT '';

-- Whether a service takes new applications. The version counts up with every change of this row or of a share.
CREATE TABLE placements (
    agency TEXT NOT NULL,
    service TEXT NOT NULL,
    version BIGINT NOT NULL,
    -- Empty: open.
    closed TEXT NOT NULL,
    PRIMARY KEY (agency, service)
);
