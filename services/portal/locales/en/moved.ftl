moved-title = The service has changed
moved-text = The rules of this service were renewed after you began your application. The answers that still fit are kept.
moved-added = New questions
moved-invalid = Answers that do not fit any more – correct them
moved-dropped = Answers that are not asked for any more – they will not be sent
moved-unnamed = An earlier question
question-new = New question
draft-until = Deleted on { $value } unless you go on
