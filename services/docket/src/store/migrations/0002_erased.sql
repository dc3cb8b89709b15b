-- Cases that were erased: nothing about them is indexed again.
CREATE TABLE erased (
    case_id BLOB PRIMARY KEY
);
