experience-pace-title = Ҳозир қанча вақт олади
experience-pace = Аризаларнинг ярми { $half ->
    [0] шу куннинг ўзида
   *[other] { $half } иш куни ичида
 }, ҳар ўнтадан тўққизтаси { $nine ->
    [0] шу куннинг ўзида
   *[other] { $nine } иш куни ичида
 } ҳал қилинади.
experience-score-title = Одамлар баҳоси
experience-score = 5 дан { $score } ({ $n } та баҳо)
rating-offer = Хизматни баҳолаш
rating-given = Сиз бу хизматни баҳоладингиз: 5 дан { $value }. Раҳмат.
rating-title = Хизмат сизга ёқдими?
rating-lead = Баҳонгиз хизматни яхшилашга ёрдам беради. Бошқалар уни фақат кўплаб бошқа баҳолар билан бирга, исмингизсиз кўради. Кейин уни ўзгартириб бўлмайди.
rating-score = Баҳонгиз
rating-5 = Жуда яхши
rating-4 = Яхши
rating-3 = Ўртача
rating-2 = Ёмон
rating-1 = Жуда ёмон
rating-text = Нимани яхшилаш керак? (ихтиёрий)
rating-text-hint = 1000 тагача белги. Уни фақат хизмат кўрсатувчи идора ўқийди. Шахсий маълумот ёзманг.
rating-missing = Баҳони танланг
rating-too-long = Матнни 1000 та белгигача қисқартиринг
rating-send = Баҳони юбориш
ratings-title = Хизматлар баҳолари
ratings-given = Ҳар бир баҳо неча марта қўйилган
ratings-written = Одамлар нима ёзган
ratings-none = Ҳозирча ҳеч ким ҳеч нарса ёзмаган.
ratings-older = Олдинги баҳолар
act-case-rated = Хизмат баҳоланди
act-ratings-read = Хизмат баҳолари кўрилди
