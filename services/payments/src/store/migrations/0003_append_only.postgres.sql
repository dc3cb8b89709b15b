-- The kit's own triggers take their place, on both engines.
DROP TRIGGER posting_insert_only ON posting;
DROP TRIGGER callback_insert_only ON callback;
DROP TRIGGER provider_answer_insert_only ON provider_answer;
DROP FUNCTION refuse_change();
