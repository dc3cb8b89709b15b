audit-title = Журнал действий
audit-lead = Кто, когда и что сделал. Каждый ваш поиск тоже записывается здесь.
audit-agency = Ведомство
audit-agency-hint = Краткое название ведомства. Если оставить пустым: все ведомства, которые вы проверяете.
audit-pinfl = ПИНФЛ человека
audit-pinfl-hint = Что он сделал и что его касалось. Дела, данные которых удалены, так не найти.
audit-pinfl-wrong = В ПИНФЛ 14 цифр: проверьте их
audit-login = Логин сотрудника
audit-number = Номер дела
audit-number-wrong = Напишите номер дела так, как он стоит в списке
audit-from = С какого дня
audit-until = По какой день включительно
audit-date-wrong = Такого дня нет: проверьте день, месяц и год
audit-until-wrong = Последний день не может быть раньше первого
audit-purpose = Зачем вы ищете?
audit-purpose-hint = Например, номер проверки. Без имён. Это сохранится вместе с поиском.
audit-purpose-wrong = Напишите, зачем вы ищете, не более 300 знаков
audit-search = Найти
audit-export = Скачать подписанный список
audit-unusual = Необычные просмотры за неделю
audit-unusual-late = Эта неделя ещё не просмотрена.
audit-unusual-none = За эту неделю ничего необычного не найдено.
audit-one-person = Дела одного человека
audit-one-officer = Сотрудник
audit-outside = { $n ->
    [one] { $n } раз открыл дело вне своей очереди.
    [few] { $n } раза открыл дело вне своей очереди.
   *[other] { $n } раз открыл дело вне своей очереди.
 }
audit-searches = { $n ->
    [one] { $n } раз искал вне своей очереди.
    [few] { $n } раза искал вне своей очереди.
   *[other] { $n } раз искал вне своей очереди.
 }
audit-usual = { $n ->
    [one] Обычно { $n } раз в неделю.
    [few] Обычно { $n } раза в неделю.
   *[other] Обычно { $n } раз в неделю.
 }
audit-shared = { $n ->
    [one] Открывал { $n } сотрудник разных отделений.
    [few] Открывали { $n } сотрудника разных отделений.
   *[other] Открывали { $n } сотрудников разных отделений.
 }
audit-night = { $n ->
    [one] { $n } раз открыл дело ночью, между 22 и 6 часами.
    [few] { $n } раза открыл дело ночью, между 22 и 6 часами.
   *[other] { $n } раз открыл дело ночью, между 22 и 6 часами.
 }
audit-look = Посмотреть
audit-week-before = Предыдущая неделя
audit-found = Найденные действия
audit-broken = Журнал этих служб изменён после того, как был прочитан, ему нельзя верить: { $value }. Сразу сообщите тем, кто обслуживает платформу.
audit-behind = Сейчас не прочитано до конца, последних действий может не быть: { $value }.
audit-none = Ничего не найдено.
audit-when = Когда
audit-who = Кто
audit-what = Что
audit-case = Дело
audit-read = Прочитать
audit-why = Зачем
audit-why-gone = Удалено вместе с делом или по истечении срока
audit-subject = К чему относится
audit-place = Место в журнале
audit-all-of = Все его действия
act-case-opened = Дело открыто
act-case-refused = В доступе к делу отказано
act-case-submitted = Заявление отправлено
act-case-begun = Начато дело на основе завершённого или по событию
act-mandate-ended = Право действовать за другое лицо прекращено
act-mandate-refused = Отказано в праве действовать за другое лицо
act-address-unreachable = Письма на адрес электронной почты возвращаются
act-case-withdrawn = Заявление отозвано
act-party-consented = Тот, кого спросили, согласился
act-party-declined = Тот, кого спросили, отказался
act-task-decided = Решение принято
act-case-held = Удаление дела запрещено
act-case-hold-ended = Запрет на удаление снят
act-case-erasure-ordered = Удаление дела назначено
act-case-key-destroyed = Данные дела удалены
act-records-listed = Просмотрены сроки удаления
act-identity-signed-in = Вход
act-identity-sign-in-refused = Во входе отказано
act-identity-signed-out = Выход
act-identity-person-read = Прочитаны данные человека
act-identity-contacts-read = Прочитаны контакты
act-identity-person-looked-for = Искали человека
act-identity-person-forgotten = Сведения о человеке удалены
act-identity-officer-appointed = Сотрудник назначен
act-identity-password-set = Пароль задан
act-document-issued = Документ выдан
act-document-withdrawn = Документ отозван
act-document-recalled = Отзыв документа предложен или решён
act-document-corrected = Исправление описки в документе предложено или решено
act-documents-reissue-listed = Просмотрены документы для повторной выдачи
act-documents-reissue-proposed = Назначена повторная выдача документов
act-documents-reissue-approved = Повторная выдача документов одобрена
act-document-reissued = Документ выдан повторно, вместе с другими
act-document-key-destroyed = Содержание документа удалено
act-audit-searched = Поиск в журнале
act-audit-exported = Из журнала взят список
act-audit-act-read = Прочитана запись журнала
act-audit-unusual-listed = Просмотрен список за неделю
act-audit-refused = В доступе к журналу отказано
act-assertion-refused = Отклонена попытка действовать от чужого имени
act-docket-searched = Искали заявление
act-task-claimed = Задача взята
act-task-released = Задача возвращена в очередь
act-task-taken-back = Задача сотрудника возвращена в очередь
act-task-role-ended = Задача возвращена в очередь: роль сотрудника завершена
act-task-assigned = Задача передана сотруднику
act-file-attached = Файл приложен
act-file-harmful = Вредоносный файл уничтожен
act-file-removed = Файл удалён
act-messages-read = Прочитаны сообщения по делу
act-document-read = Документ прочитан
act-document-shown = Содержание документа показано по номеру и коду
act-document-refused = В доступе к документу отказано
act-grant-approved = Разрешение утверждено
act-grant-revoked = Разрешение отозвано
act-identity-officer-invited = Сотрудник приглашён
act-identity-role-given = Сотруднику дана роль
act-identity-role-ended = Роль сотрудника завершена
act-identity-substitute-named = Заместитель назначен
act-identity-substitute-ended = Замещение завершено
act-identity-access-ended = Весь доступ сотрудника закрыт
act-identity-staff-refused = В доступе к списку сотрудников отказано
act-payment-instructed = Запрошено движение денег
act-payment-instruction-confirmed = Движение денег подтверждено
act-payment-instruction-withdrawn = Запрос на движение денег отозван
act-payment-instruction-lapsed = Запрошенное движение денег не подтверждено в срок
act-payment-payout-entered = Платёжное поручение внесено
act-payment-payout-confirmed = Платёжное поручение подтверждено
act-payment-searched = Искали платежи
act-payment-read = Просмотрен платёж
act-payment-receipt-read = Открыта квитанция
act-payment-shift-opened = Начата смена кассира
act-payment-cash-taken = Приняты наличные
act-payment-cash-reversed = Возвращены наличные
act-payment-shift-counted = Касса пересчитана за отсутствующего кассира
act-payment-shift-closed = Закрыта смена кассира
act-payment-cash-deposited = Наличные сданы в банк
act-payment-till-read = Просмотрена касса
act-payment-refused = В доступе к платежам отказано
act-payment-day-closed = Учётный день закрыт
role-auditor = Аудитор
records-title = Хранение и удаление дел
records-lead = Данные дел, срок хранения которых прошёл, удаляются сами. Дело, которое нужно суду или проверке, удержите здесь.
records-other = Другая услуга (краткое название)
records-show = Показать
records-due = Будут удалены в ближайшие 31 день: { $n }
records-held = Удерживаются: { $n }
records-number = Номер дела
records-when = Когда удаляется
records-since = С какого дня
records-draft = Неотправленный черновик
records-ordered = Назначено досрочно
records-order = Распоряжение по делу
records-what = Что сделать?
records-what-missing = Выберите, что сделать
records-hold = Удержать: ничего не удаляется
records-release = Снять удержание
records-erase = Удалить досрочно
records-number-missing = Напишите номер дела
records-reason = Причина
records-reason-hint = Например, номер решения суда. Без имён: это останется в журнале.
records-reason-wrong = Напишите причину, не более 500 знаков
records-basis = Правовое основание
records-basis-hint = Только для удаления. Его увидит заявитель.
records-basis-wrong = Напишите, на каком акте основано удаление, не более 500 знаков
records-send = Отдать распоряжение
records-did-hold = Дело удерживается.
records-did-release = Удержание снято.
records-did-erase = Дело будет удалено через день после последнего изменения.
records-no-case = Такого дела нет, или оно не ваше: проверьте номер
records-hold-unchanged = Это уже так
records-not-ended = Дело ещё не завершено: сначала по нему должно быть решение, или его должны отозвать
records-held-still = Дело удерживается: сначала снимите удержание
act-seal-issued = Создана печать
act-seal-doubted = Ключ печати под сомнением
act-seal-withdrawn = Печать отозвана
act-seal-refused = Печати ведомства запросил тот, кто за них не отвечает
records-until = До конца дня
records-no-end = Пока не снимут
records-ending = Удержания, которые кончаются в ближайшие 31 день: { $n }
records-ending-what = Они стоят первыми. Если дело ещё нужно, удержите его ещё раз с другим днём.
records-ending-told = Затем эти дела удаляются, как и другие. Что ещё нужно, удержите ещё раз.
records-own = удержание ваше
records-last-day = Последний день удержания
records-last-day-hint = Только для удержания. Без дня оно действует, пока его не снимут.
records-until-wrong = Укажите день в будущем, не позже чем через десять лет
records-continued = Ещё не завершено дело, начатое из этого, например жалоба: сначала оно должно закончиться
records-waits-work = Ожидает: по делу ещё что-то выполняется
records-waits-money = Ожидает: платёж или возврат не завершён
records-waits-rest = Ожидает: дело менялось в последние сутки
records-waits-continued = Ожидает: не завершена жалоба или другое дело, начатое из этого
records-waits-failed = Удалить не получилось; через час будет новая попытка
