-- Whom providers named as director of which company, and when last: longer than a session, because whoever directs a company, or
-- did a while ago, decides nothing for it. Both are opaque ids.
CREATE TABLE directors (
  person BLOB NOT NULL,
  company BLOB NOT NULL,
  named_us BIGINT NOT NULL,
  PRIMARY KEY (person, company)
);
