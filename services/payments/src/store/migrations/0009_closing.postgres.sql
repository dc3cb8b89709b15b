-- SQLite has one writer; here several post at once, and the day's end waits until all of them have committed.
CREATE FUNCTION posting_day_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    open_from BIGINT;
BEGIN
    SELECT open_from_us INTO open_from FROM book WHERE one = 1 FOR SHARE;
    IF NEW.time_us < open_from THEN
        RAISE EXCEPTION 'the day of this posting is closed';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER posting_in_open_day BEFORE INSERT ON posting
    FOR EACH ROW EXECUTE FUNCTION posting_day_is_open();
