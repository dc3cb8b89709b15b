queue-holder = Who has it
claim-take = Take it
claim-own = You have this task
claim-other = Another officer has this task. Nobody else decides it meanwhile.
claim-until = until { $value }
claim-release = Give it back
claim-taken = Another officer has taken this task. Your decision was not recorded.
holder-mine = Mine
holder-nobody = Nobody’s
holder-others = Other officers’
holder-me = You
holder-somebody = Another officer
narrow-title = Narrow the queue
narrow-service = Service
narrow-any = Any
narrow-role = Role
narrow-state = State
narrow-late = Overdue only
narrow-button = Show
narrow-all = Show the whole queue
narrow-name = Keep this filter under a name
narrow-name-hint = At most 40 characters. Do not write anybody’s name.
narrow-save = Keep
narrow-remove = Remove
narrow-none = There are no such tasks.
state-reviewing = With an officer
state-asking = With another person
state-returned = Returned for correction
state-paying = Awaiting payment
state-delayed = Delayed
state-refunding = Being refunded
state-waiting = Waiting
state-working = In progress
state-ended = Ended
role-lead = Lead of the office
menu-find = Find an application
find-title = Find an application
find-lead = Every search is recorded, and everybody whose application is found sees it under “Who looked at my data”.
find-agency = Agency
find-kind = What do you know?
find-number = Number of the application
find-pinfl = PINFL
find-tin = Taxpayer number of a company
find-phone = Phone number
find-name = Name of a person or a company
find-text = Search for
find-text-hint = Of a name, whole words in either script. The applicant and whoever acts for them are found.
find-reason = Why do you look beyond your own queue?
find-reason-hint = Leave it empty to look in your own queue only. What you write is kept in the audit, and everybody who is found reads it. At most 500 characters.
find-button = Search
find-count = { $n ->
    [one] { $n } application found
   *[other] { $n } applications found
 }
find-more = There are more. Say more of what you know.
find-beyond = Nothing was found in your own queue. To look in the whole agency, write why.
find-missing = Type what to look for
load-title = Load of the office
load-offices = By office
load-open = Open
load-in-1 = Due within 1 working day
load-in-3 = Due within 3 working days
load-in-5 = Due within 5 working days
load-no-office = No office
load-ages = How long tasks have been open
load-age-1 = Up to 1 day
load-age-3 = Up to 3 days
load-age-7 = Up to 7 days
load-age-14 = Up to 14 days
load-age-more = Longer
load-officers = By officer
load-officer = Officer
load-unclaimed = Tasks that nobody has
load-back = { $n ->
    [one] { $n } task was given back to the queue
   *[other] { $n } tasks were given back to the queue
 }
load-left = { $n ->
    [one] { $n } task could not be given back. Try again.
   *[other] { $n } tasks could not be given back. Try again.
 }
held-title = Tasks of an officer
held-away = The officer is away
held-away-what = Everything that the officer has returns to the queue, where others can take it.
held-take-back = Give everything back
unstaffed-title = Nobody can take these tasks
unstaffed-more = There are more tasks than these.
unstaffed-lead = An administrator gives the role to another officer or names a substitute. The task then comes to that officer’s queue.
unstaffed-nobody = Nobody has this role now
unstaffed-kept-off = Everybody who has this role has a part in the case, typed the application, or proposed its decision
unstaffed-typing = An application on paper that was begun. Whoever gets the role finds it under “Applications on paper”.
unstaffed-unknown = It is not known now whether somebody can take every task. Look again later.
held-give = Give it to
held-give-button = Give
held-nobody = Nobody else has the role in this office
data-use-search = An officer looked for you and found this application
event-assigned = An officer was assigned
