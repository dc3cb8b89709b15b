CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are inserted and never changed', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER posting_insert_only BEFORE UPDATE OR DELETE ON posting
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER callback_insert_only BEFORE UPDATE OR DELETE ON callback
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER provider_answer_insert_only BEFORE UPDATE OR DELETE ON provider_answer
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
