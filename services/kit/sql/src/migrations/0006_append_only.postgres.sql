CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are written once and never changed', TG_TABLE_NAME;
END
$$;
-- Which services' rows a role may see and write, each as `agency/service`; `*` is every one. Policies read it by the
-- role's name, which a host cannot change; nothing that a session sets counts.
CREATE TABLE role_services (
    -- Compared with `current_user`, whose order is that of bytes.
    role TEXT COLLATE "C" NOT NULL,
    service TEXT NOT NULL,
    PRIMARY KEY (role, service)
);
