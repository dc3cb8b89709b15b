home-title = Public services
search-label = Which service do you need?
search-button = Search
home-unfinished = Continue your application
home-unfinished-draft = Not finished. Your answers are kept.
home-unfinished-returned = Returned to you for correction.
home-life-events = Life events
home-services = Services
home-all-services = All services
life-event-lead = Services that you may need at this time.
search-all = All services
search-results = Search results
search-title = Search for “{ $value }”
search-nothing = Nothing was found. Try another word, or write less.
search-by-life-event = Choose by life event
service-start = Start now
service-cost = Cost
service-free = Free of charge
service-fee-kept = It is kept even if you are refused.
service-time = How long it takes
service-result = What you get
service-who = Who it is for
service-sign-in = Signing in
service-sign-in-substantial = With OneID
service-sign-in-low = With OneID or a password
service-needs = What you need
service-law = Legal basis
service-offices = Offices
audience-citizens = Citizens
audience-citizen = Citizens
audience-businesses = Businesses
audience-business = Businesses
audience-foreigners = Foreign citizens
audience-residents = Residents of Uzbekistan
services-count = { $n ->
    [one] { $n } service
   *[other] { $n } services
 }
search-found = { $n ->
    [one] { $n } service found
   *[other] { $n } services found
 }
