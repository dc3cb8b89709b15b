-- What no longer counts is read by the agency whose seal it bears and the year in which it was sealed.
CREATE INDEX documents_withdrawn_by_year ON documents (agency, sealed) WHERE status <> 'valid';
