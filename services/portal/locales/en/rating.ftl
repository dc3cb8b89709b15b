experience-pace-title = How long it takes lately
experience-pace = Half of the applications are decided { $half ->
    [0] on the same day
    [one] within { $half } working day
   *[other] within { $half } working days
 }, nine of ten { $nine ->
    [0] on the same day
    [one] within { $nine } working day
   *[other] within { $nine } working days
 }.
experience-score-title = How people rate it
experience-score = { $score } out of 5 ({ $n ->
    [one] { $n } rating
   *[other] { $n } ratings
 })
rating-offer = Rate this service
rating-given = You rated this service: { $value } out of 5. Thank you.
rating-title = How was the service?
rating-lead = Your rating helps to make the service better. Others see it only together with many more, without your name. It cannot be changed later.
rating-score = Your rating
rating-5 = Very good
rating-4 = Good
rating-3 = Fair
rating-2 = Poor
rating-1 = Very poor
rating-text = What should be better? (optional)
rating-text-hint = Up to 1,000 characters. Only the agency that gives the service reads it. Do not write personal details.
rating-missing = Choose a rating
rating-too-long = Shorten the text to 1,000 characters
rating-send = Send the rating
ratings-title = Ratings of services
ratings-given = How often each rating was given
ratings-written = What people wrote
ratings-none = Nobody has written anything yet.
ratings-older = Older ratings
act-case-rated = The service was rated
act-ratings-read = Ratings of a service were read
