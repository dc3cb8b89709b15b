queue-title = Task queue
queue-decided = Your decision has been recorded.
queue-no-role = You have no role yet. Ask the administrator of your agency.
queue-none = There are no open tasks.
queue-number = Number
queue-what = Task
queue-office = Office
queue-due = Due
queue-late = Overdue
task-applicant = Applicant
task-origin = it follows application { $value }
task-language = Language: { $value }
task-payment = Payment
task-answer = Applicant’s answer
task-registry = In the registry
task-differs = Differs
task-same = Taken from the registry
task-absent = No record, or the registry did not answer
task-decision = Your decision
task-ticked = What you mark beneath a decision chooses it.
task-reasons = Reasons: { $value }
task-mark = Which answers must be corrected?
task-why = What is wrong
task-note = Note to the applicant
task-note-hint = The applicant will read this
task-send = Confirm the decision
task-choose = Choose a decision
task-contradicts = Something is marked beneath another decision, too. Unmark it, or choose that decision.
task-reason-missing = Mark at least one reason
task-mark-missing = Mark an answer that must be corrected
task-why-missing = Say what is wrong with the marked answer
task-changed = The case has changed meanwhile. Check it and confirm your decision again.
grants-title = Grants of data
grants-lead = What other agencies ask from your registries.
grants-none = There are no grants.
grants-to = To
grants-what = What
grants-until = Until
grants-approvals = Approvals
grants-approve = Approve
grants-revoke = Take it back
grants-revoke-what = From this moment nobody asks your registries under this grant. It cannot be undone: to give it again, the grant is changed and approved anew.
grants-revoke-confirm = Take back
grant-state-waiting = Waiting
grant-state-approved = Approved
grant-state-superseded = Superseded
grant-state-expired = Expired
grant-state-revoked = Revoked

data-use-opening = An officer opened your application
data-use-document = An officer opened a document of your application
data-use-reason = The officer wrote:
data-use-reason-gone = (erased together with the application)
role-registrar = Registrar
task-closed-on = This was decided or is no longer needed since { $value }.
reason-title = Why do you open this case?
reason-outside = This task is not in your own queue. You may look at it, but say why first.
reason-closed = This task has been decided or is no longer needed. You may look at it, but say why first.
reason-label = Reason
reason-hint = It is kept in the audit, and the applicant will read it under “Who looked at my data”. At most 500 characters.
reason-button = Open the case
reason-missing = Say why you open this case
reason-long = The reason must have 500 characters or fewer
decided-title = This has been decided meanwhile
decided-text = Somebody else decided this task, or it is no longer needed, while your page was open. Your decision was not recorded.
decided-look = Look at what was decided
decided-queue = Back to the task queue
queue-count = { $n ->
    [one] { $n } task, most urgent first
   *[other] { $n } tasks, most urgent first
 }
queue-next = Next tasks
queue-first = Back to the most urgent
queue-part = { $n ->
    [one] { $n } task on this page, most urgent first
   *[other] { $n } tasks on this page, most urgent first
 }
