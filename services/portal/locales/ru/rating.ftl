experience-pace-title = Сколько это занимает сейчас
experience-pace = Половину заявлений решают { $half ->
    [0] в тот же день
    [one] за { $half } рабочий день
    [few] за { $half } рабочих дня
   *[other] за { $half } рабочих дней
 }, девять из десяти – { $nine ->
    [0] в тот же день
    [one] за { $nine } рабочий день
    [few] за { $nine } рабочих дня
   *[other] за { $nine } рабочих дней
 }.
experience-score-title = Как оценивают услугу
experience-score = { $score } из 5 ({ $n ->
    [one] { $n } оценка
    [few] { $n } оценки
   *[other] { $n } оценок
 })
rating-offer = Оценить услугу
rating-given = Ваша оценка услуги: { $value } из 5. Спасибо.
rating-title = Как вам услуга?
rating-lead = Ваша оценка помогает улучшить услугу. Другие видят её только вместе со многими другими, без вашего имени. Изменить её потом нельзя.
rating-score = Ваша оценка
rating-5 = Очень хорошо
rating-4 = Хорошо
rating-3 = Удовлетворительно
rating-2 = Плохо
rating-1 = Очень плохо
rating-text = Что стоит улучшить? (необязательно)
rating-text-hint = До 1000 знаков. Это прочитает только ведомство, которое оказывает услугу. Не пишите личных данных.
rating-missing = Выберите оценку
rating-too-long = Сократите текст до 1000 знаков
rating-send = Отправить оценку
ratings-title = Оценки услуг
ratings-given = Сколько раз поставили каждую оценку
ratings-written = Что написали люди
ratings-none = Пока никто ничего не написал.
ratings-older = Более ранние оценки
act-case-rated = Услугу оценили
act-ratings-read = Просмотрены оценки услуги
