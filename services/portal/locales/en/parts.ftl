parts-title = Your application by parts
parts-done = { $n } of { $of } parts are done
parts-standing-cannot-start = Cannot start yet
parts-standing-not-started = Not started
parts-standing-in-progress = In progress
parts-standing-done = Done
parts-kept = Go through the parts in any order. Your answers are kept; when all parts are done, you check and send them.
