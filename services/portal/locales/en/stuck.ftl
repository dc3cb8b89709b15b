stuck-title = Cases that are stuck
stuck-lead = These cases wait for something that may never come by itself. What can be done stands beside each.
stuck-count = { $n ->
    [0] Nothing is stuck
    [one] { $n } case is stuck
   *[other] { $n } cases are stuck
 }
stuck-more = The hundred that have waited longest are shown.
stuck-since = Since
stuck-kind-step = A step failed
stuck-kind-answer = Another service does not answer
stuck-kind-payment = A payment does not come to an end
stuck-kind-refund = A refund does not come to an end
stuck-kind-message = A message from outside is missing
stuck-kind-task = The time for the decision is over
stuck-kind-question = A question was not ended
stuck-kind-party = Another person does not answer
stuck-kind-applicant = The applicant does not send the form again
stuck-do-step = Find out from the code why it failed and have the cause removed. Then ask for another try; another lead agrees.
stuck-do-answer = Ask whoever runs the service or registry. The case goes on by itself when it answers.
stuck-do-payment = Ask a finance officer to look at the payment.
stuck-do-refund = Ask a finance officer to look at the refund.
stuck-do-message = Ask the agency that should send it.
stuck-do-task = Give the task to an officer, or ask its officer to decide.
stuck-do-question = Tell whoever runs the platform: the question should have ended by itself.
stuck-do-party = Call the applicant: they can take the application back or ask the other person.
stuck-do-applicant = Call the applicant, or wait.
stuck-proposed = A decision is proposed. It waits for a second officer.
stuck-hand-over = Hand the task over
stuck-asked = { $value } asks for another try:
stuck-own = You asked for this. Another lead of the agency has to agree.
stuck-reason = Why should it be tried again?
stuck-ask = Ask for another try
stuck-agree = Agree and try again
stuck-did-ask = Another try is asked for. Another lead has to agree.
stuck-did-retry = The step is tried again.
stuck-moved-on = The case has moved on since you looked. See the list below.
stuck-reason-wrong = Say why it should be tried again, in 500 characters or fewer
event-promise-broken = The promised time is over. The office was told
event-retried = A step that had failed is tried again
act-stuck-listed = Stuck cases were listed
act-step-retry-asked = Another try of a failed step was asked for
act-step-retried = A failed step was tried again
act-task-proposal-overtaken = A deadline decided while a proposal waited for a second officer
act-event-taken = An event was taken by the agency’s system
act-event-not-taken = An event was given up: the agency’s system did not take it
