-- Of acts that were read before this release less was taken: neither the number of an erased case nor whether a search needed a reason.
-- They are read once more; how far that went. NULL: nothing is left to be.
ALTER TABLE act_chains ADD COLUMN again BIGINT;
UPDATE act_chains SET again = 0;
