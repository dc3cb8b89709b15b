experience-pace-title = Hozir qancha vaqt oladi
experience-pace = Arizalarning yarmi { $half ->
    [0] shu kunning oʻzida
   *[other] { $half } ish kuni ichida
 }, har oʻntadan toʻqqiztasi { $nine ->
    [0] shu kunning oʻzida
   *[other] { $nine } ish kuni ichida
 } hal qilinadi.
experience-score-title = Odamlar bahosi
experience-score = 5 dan { $score } ({ $n } ta baho)
rating-offer = Xizmatni baholash
rating-given = Siz bu xizmatni baholadingiz: 5 dan { $value }. Rahmat.
rating-title = Xizmat sizga yoqdimi?
rating-lead = Bahongiz xizmatni yaxshilashga yordam beradi. Boshqalar uni faqat koʻplab boshqa baholar bilan birga, ismingizsiz koʻradi. Keyin uni oʻzgartirib boʻlmaydi.
rating-score = Bahongiz
rating-5 = Juda yaxshi
rating-4 = Yaxshi
rating-3 = Oʻrtacha
rating-2 = Yomon
rating-1 = Juda yomon
rating-text = Nimani yaxshilash kerak? (ixtiyoriy)
rating-text-hint = 1000 tagacha belgi. Uni faqat xizmat koʻrsatuvchi idora oʻqiydi. Shaxsiy maʼlumot yozmang.
rating-missing = Bahoni tanlang
rating-too-long = Matnni 1000 ta belgigacha qisqartiring
rating-send = Bahoni yuborish
ratings-title = Xizmatlar baholari
ratings-given = Har bir baho necha marta qoʻyilgan
ratings-written = Odamlar nima yozgan
ratings-none = Hozircha hech kim hech narsa yozmagan.
ratings-older = Oldingi baholar
act-case-rated = Xizmat baholandi
act-ratings-read = Xizmat baholari koʻrildi
