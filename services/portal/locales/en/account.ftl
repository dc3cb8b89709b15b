inbox-title = Messages
inbox-none = There are no messages yet.
inbox-new = New
inbox-open = Open the application
inbox-mark = Mark as read
channel-sms = SMS
channel-email = E-mail
channel-state-queued = being sent
channel-state-sent = sent
channel-state-delivered = delivered
channel-state-failed = could not be delivered
data-use-title = Who looked at my data
data-use-lead = When, why and on what legal basis state bodies looked at information about you.
data-use-none = Nobody has looked yet.
data-use-representative = This was asked about your representative
data-use-who = Who
data-use-what = What
data-use-why = Why
data-use-outcome = Result
outcome-found = Found
outcome-not-found = Not found
outcome-unavailable = The registry did not answer
outcome-refused = Refused
inbox-unread = { $n ->
    [one] { $n } unread message
   *[other] { $n } unread messages
 }
