audit-title = Audit
audit-lead = Who did what, and when. Each of your searches is recorded here, too.
audit-agency = Agency
audit-agency-hint = The agency’s short name. Left empty: all that you audit.
audit-pinfl = The person’s PINFL
audit-pinfl-hint = What they did and what was about them. Cases whose data was erased are not found so.
audit-pinfl-wrong = A PINFL has 14 digits: check them
audit-login = The officer’s login
audit-number = Number of the case
audit-number-wrong = Write the number of the case as a list shows it
audit-from = From which day
audit-until = Up to and including which day
audit-date-wrong = There is no such day: check day, month and year
audit-until-wrong = The last day cannot be before the first
audit-purpose = Why do you search?
audit-purpose-hint = The number of the inspection, for example. Without names. It is kept with the search.
audit-purpose-wrong = Say why you search, in 300 letters or fewer
audit-search = Search
audit-export = Download the signed list
audit-unusual = Unusual look-ups of the week
audit-unusual-late = This week has not been looked through yet.
audit-unusual-none = Nothing unusual was found in this week.
audit-one-person = One person’s cases
audit-one-officer = An officer
audit-outside = { $n ->
    [one] { $n } opening from outside their own queue.
   *[other] { $n } openings from outside their own queue.
 }
audit-usual = { $n ->
    [one] Usually { $n } a week.
   *[other] Usually { $n } a week.
 }
audit-shared = { $n ->
    [one] Opened by { $n } officer of different offices.
   *[other] Opened by { $n } officers of different offices.
 }
audit-night = { $n ->
    [one] { $n } opening at night, between 22:00 and 6:00.
   *[other] { $n } openings at night, between 22:00 and 6:00.
 }
audit-look = Look at it
audit-week-before = The week before
audit-found = Acts that were found
audit-broken = The audit of these services was changed after it was read and cannot be believed: { $value }. Tell those who run the platform at once.
audit-behind = Not read to the end just now, the newest acts may be missing: { $value }.
audit-none = Nothing was found.
audit-when = When
audit-who = Who
audit-what = What
audit-case = Case
audit-read = Read
audit-why = Why
audit-why-gone = Erased together with the case
audit-subject = What it is about
audit-place = Place in the audit
audit-all-of = Everything they did
act-case-opened = A case was opened
act-case-refused = A look at a case was refused
act-case-submitted = An application was submitted
act-task-decided = A decision was made
act-case-held = A legal hold was laid on a case
act-case-hold-ended = A legal hold ended
act-case-erasure-ordered = A case’s erasure was ordered
act-case-key-destroyed = A case’s data was erased
act-records-listed = What is due to be erased was listed
act-identity-signed-in = Signed in
act-identity-sign-in-refused = A sign-in was refused
act-identity-signed-out = Signed out
act-identity-person-read = A person’s data was read
act-identity-contacts-read = Contacts were read
act-identity-person-looked-for = A person was looked for
act-identity-officer-appointed = An officer was appointed
act-identity-password-set = A password was set
act-document-issued = A document was issued
act-document-withdrawn = A document was withdrawn
act-document-key-destroyed = A document’s content was erased
act-audit-searched = The audit was searched
act-audit-exported = A list was taken from the audit
act-audit-act-read = An act was read in the audit
act-audit-unusual-listed = The weekly list was looked at
act-audit-refused = A look at the audit was refused
act-assertion-refused = An attempt to act as another person was refused
records-title = Keeping and erasing cases
records-lead = The data of cases whose time is over is erased by itself. Hold a case here that a court or an inspection needs.
records-other = Another service (its short name)
records-show = Show
records-due = To be erased within 31 days: { $n }
records-held = Held: { $n }
records-number = Number of the case
records-when = Erased on
records-since = Since
records-draft = A draft that was never sent
records-ordered = Ordered before its time
records-order = An order about a case
records-what = What is to be done?
records-what-missing = Choose what is to be done
records-hold = Hold: nothing of it is erased
records-release = End the hold
records-erase = Erase before its time
records-number-missing = Write the number of the case
records-reason = Reason
records-reason-hint = The file number of the court, for example. Without names: it stays in the audit.
records-reason-wrong = Write the reason, in 500 letters or fewer
records-basis = Legal basis
records-basis-hint = Only to erase. The applicant is shown it.
records-basis-wrong = Write the act that orders it, in 500 letters or fewer
records-send = Give the order
records-did-hold = The case is held.
records-did-release = The hold has ended.
records-did-erase = The case is erased a day after its last change.
records-no-case = There is no such case, or it is not yours
records-hold-unchanged = It is so already
records-not-ended = The case has not ended: let it be decided or withdrawn first
records-held-still = The case is held: end the hold first
