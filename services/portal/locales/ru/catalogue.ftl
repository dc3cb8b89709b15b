home-title = Государственные услуги
search-label = Какая услуга вам нужна?
search-button = Найти
home-unfinished = Ваши начатые заявления
home-unfinished-draft = Не завершено. Ваши ответы сохранены.
home-unfinished-returned = Возвращено на исправление.
home-life-events = Жизненные ситуации
home-services = Услуги
home-all-services = Все услуги
life-event-lead = Услуги, которые нужны в этой ситуации.
search-all = Все услуги
search-results = Результаты поиска
search-title = Поиск: «{ $value }»
search-nothing = Ничего не найдено. Попробуйте другое слово или напишите короче.
search-by-life-event = Выбрать по жизненной ситуации
service-start = Начать
service-cost = Стоимость
service-free = Бесплатно
service-fee-kept = Не возвращается и при отказе.
service-time = Срок
service-result = Результат
service-who = Для кого
service-sign-in = Вход
service-sign-in-substantial = Через OneID
service-sign-in-low = Через OneID или с паролем
service-needs = Что понадобится
service-law = Правовое основание
service-offices = Отделения
audience-citizens = Граждане
audience-citizen = Граждане
audience-businesses = Предприниматели и компании
audience-business = Предприниматели и компании
audience-foreigners = Иностранные граждане
audience-residents = Жители Узбекистана
services-count = { $n ->
    [one] { $n } услуга
    [few] { $n } услуги
   *[other] { $n } услуг
 }
search-found = { $n ->
    [one] Найдена { $n } услуга
    [few] Найдено { $n } услуги
   *[other] Найдено { $n } услуг
 }
