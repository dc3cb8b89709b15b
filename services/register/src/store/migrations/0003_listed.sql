-- Hosts ask for what was admitted of their own agency, page by page, in an order that equal times do not disturb.
CREATE INDEX admissions_by_agency ON admissions (agency, admitted, revision);
