second-asked = Two officers decide here. What you send is a proposal: it counts once another officer agrees.
second-send = Propose the decision
second-title = Proposed decision
second-by = Proposed by
second-reasons = Reasons
second-waits = You proposed this decision. Another officer has to check it; nothing is decided yet.
second-agree-hint = If you agree, the decision counts at once. The record names both of you.
second-agree = Agree
second-back-note = What has to be changed?
second-back-hint = If you do not agree, the proposal goes back to the officer, who reads this note. The applicant does not.
second-back-button = Send back
second-returned = Another officer did not agree and sent the proposal back
second-note-missing = Write what has to be changed
queue-second = To be checked
queue-second-own = Your proposal, to be checked by a colleague
queue-typed = Typed by you, decided by others
queue-proposed = Your proposal waits for another officer.
queue-sent-back = The proposal was sent back to the officer who made it.
holder-second = To be checked by a second officer
event-checked-twice = Checked by two officers
event-overtaken = The time for the decision ended before a second officer had checked it
act-task-proposed = A decision was proposed to a second officer
act-task-confirmed = A second officer agreed to a decision
act-task-sent-back = A second officer sent a proposed decision back
together-title = Decide applications alike
together-pick = Choose
together-hint = Tick applications of one service that you have read and that get the same decision for the same reasons.
together-button = Decide the ticked ones alike
together-none = No application was ticked.
together-count = { $n ->
    [one] { $n } application
   *[other] { $n } applications
 }
together-done = { $n ->
    [one] { $n } application was decided
   *[other] { $n } applications were decided
 }
together-proposed-count = { $n ->
    [one] { $n } decision was proposed to a second officer
   *[other] { $n } decisions were proposed to a second officer
 }
together-left = Not decided with the others
together-task = An application
together-note-hint = Every one of these applicants will read this. Do not write anything about one of them.
together-check = Continue
together-change = Choose another decision
together-unread = you have not opened it yet: read it first
together-other = it is of another service, another step or an older revision of the service
together-taken = another officer has it
together-typed = you typed it yourself: other officers decide it
together-closed = it was decided or is no longer needed
together-proposed = a decision is already proposed and waits for a second officer
together-outside = it is outside your own queue: open it and say why
together-not-yours = there is no such application, or it is not yours
together-changed = it changed meanwhile: look at it again
together-outdated = something came to it after you read it: open it again
together-failed = it could not be reached just now: try again
preview-title = What the applicant would be sent
preview-back = Back to the application
preview-nothing-yet = Nothing is decided yet. This is what the applicant would read, in their own language.
preview-none = With this decision nothing is sent to the applicant at once.
preview-download = Download { $value } as a specimen (PDF)
preview-button = See what the applicant would be sent
act-decision-previewed = A letter was looked at before a decision
correction-title = Corrected
correction-returned = Returned to the applicant on { $value }.
correction-sent = Sent again on { $value }.
correction-same = Not changed
correction-unmarked = Changed, not marked
correction-before = Before
correction-after = Now
