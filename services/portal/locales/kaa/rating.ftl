experience-pace-title = Házir qansha waqıt aladı
experience-pace = Arzalardıń yarımı { $half ->
    [0] sol kúnniń ózinde
   *[other] { $half } jumıs kúni ishinde
 }, hár onınan toǵızı { $nine ->
    [0] sol kúnniń ózinde
   *[other] { $nine } jumıs kúni ishinde
 } sheshiledi.
experience-score-title = Adamlardıń bahası
experience-score = 5 ten { $score } ({ $n } baha)
rating-offer = Xızmetti bahalaw
rating-given = Siz bul xızmetti bahaladıńız: 5 ten { $value }. Raxmet.
rating-title = Xızmet sizge unadı ma?
rating-lead = Bahańız xızmetti jaqsılawǵa járdem beredi. Basqalar onı tek kóp basqa bahalar menen birge, atıńızsız kóredi. Keyin onı ózgertip bolmaydı.
rating-score = Bahańız
rating-5 = Júdá jaqsı
rating-4 = Jaqsı
rating-3 = Ortasha
rating-2 = Jaman
rating-1 = Júdá jaman
rating-text = Neni jaqsılaw kerek? (májbúriy emes)
rating-text-hint = 1000 ǵa shekem belgi. Onı tek xızmet kórsetiwshi mekeme oqıydı. Jeke maǵlıwmat jazbań.
rating-missing = Bahanı tańlań
rating-too-long = Tekstti 1000 belgige shekem qısqartıń
rating-send = Bahanı jiberiw
ratings-title = Xızmetler bahaları
ratings-given = Hár bir baha neshe márte qoyılǵan
ratings-written = Adamlar ne jazǵan
ratings-none = Házirshe hesh kim hesh nárse jazbaǵan.
ratings-older = Aldıńǵı bahalar
act-case-rated = Xızmet bahalandı
act-ratings-read = Xızmet bahaları kórildi
