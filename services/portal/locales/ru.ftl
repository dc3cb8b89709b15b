# Page frame
skip = Перейти к основному содержанию
menu = Меню
languages = Язык
officer-side = Рабочее место сотрудника
menu-applications = Мои заявления
menu-inbox = Сообщения
menu-data-use = Мои данные
menu-queue = Очередь
menu-grants = Разрешения
menu-verify = Проверить документ
menu-sign-in = Войти
menu-sign-out = Выйти
trial = Тест
trial-text = Это тестовая система. Документы, выданные здесь, недействительны.
footer = Дополнительные ссылки
footer-help = Помощь
footer-verify = Проверка документа
footer-accessibility = Доступность
footer-officer = Для государственных служащих
footer-about = Xizmat – государственные услуги в одном месте.
back = Назад
back-home = Главная страница
back-application = Вернуться к заявлению
continue = Продолжить
change = Изменить
done = Готово
error = Ошибка
errors = Исправьте следующее
important = Важно
not-given = Не указано
try-again = Попробовать снова
list-late = Список немного отстаёт. Последние изменения появятся чуть позже.
changed-on = Изменено: { $value }
due-by = Срок: { $value }

# Home, search and services
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
service-who = Кому
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

# Starting an application
start-title = Прежде чем начать
start-facts = Мы не спрашиваем то, что государству уже известно: берём это из реестров и показываем вам. Если там ошибка, вы сможете об этом сказать.
start-kept = Ответы сохраняются после каждой страницы. Вы в любой момент можете увидеть, кто смотрел ваши данные.
start-data-use = Кто смотрел мои данные
start-time = Срок: { $value }
start-button = Начать заявление
start-draft-title = У вас есть начатое заявление
start-continue = Продолжить начатое
start-begun = Начато: { $value }
start-new = Начать новое
start-choose = Выберите, продолжить или начать новое
start-for-title = За кого вы подаёте заявление?
start-for-self = За себя
start-for-attorney = За человека, который выдал мне доверенность
start-record = Номер доверенности
start-record-hint = Указан на первой странице доверенности. Мы проверим его в реестре
mandate-choose = Вы ввели номер доверенности. Если подаёте заявление за себя, удалите его
mandate-record = Введите номер доверенности так, как он в ней указан
mandate-unknown = Доверенность с таким номером на ваше имя не найдена
mandate-expired = Срок действия доверенности истёк
mandate-revoked = Доверенность отменена
mandate-scope = Доверенность не распространяется на эту услугу
mandate-unavailable = Реестр доверенностей сейчас не отвечает. Попробуйте чуть позже; за себя заявление подать можно
behalf = Заявление за: { $principal }. По доверенности { $record } действует { $representative }, последний день: { $until }.
behalf-ended = Заявление за: { $principal }. Его начал представитель { $representative } по доверенности { $record }; она больше не даёт права на это заявление.
representation-acting = За другого человека
representation-represented = За вас действует представитель

# Questions
date-day = День
date-month = Месяц
date-year = Год
select-none = Выберите
why-we-ask = Почему мы спрашиваем
fact-source = Источник: { $value }
fact-wrong = Это неверно
fact-disputed = Заявитель с этим не согласен
officer-wrote = Сотрудник написал:
question-kept = Ответы сохраняются, когда вы нажимаете «Продолжить». Можно выйти и вернуться позже.
question-returned = Заявление вернули вам. Исправьте отмеченные ответы.

# Check answers, payment, confirmation
check-title = Проверьте свои ответы
check-changed = Заявление изменилось после открытия этой страницы. Проверьте его ещё раз и отправьте.
check-incomplete = Ещё не на все вопросы есть ответы.
check-go-on = Вернуться к вопросам
check-fees = Оплата
check-declared = Сумма основана на сведениях, которые указали вы.
check-declaration = Отправка заявления
check-declaration-text = Отправляя заявление, я подтверждаю, что сведения верны. За ложные сведения закон предусматривает ответственность.
check-send = Подтвердить и отправить
pay-title = Оплата
pay-until = Оплатите до: { $value }. После этого заявление будет закрыто.
pay-arithmetic = Как посчитана сумма
pay-how = Как вы хотите оплатить?
pay-choose = Выберите способ оплаты
pay-button = Перейти к оплате
pay-leave-note = Оплата откроется на другом сайте, затем вы вернётесь сюда. Данные карты мы не видим.
pay-trial = Тест: настоящие деньги не списываются
pay-declined = Оплата не прошла
pay-declined-text = Деньги не списаны. Попробуйте ещё раз или выберите другой способ.
pay-under-way = Вы уже начали оплату. Если вы заплатили, не платите второй раз.
pay-check-again = Проверить состояние
leave-title = Переход к оплате
leave-text = Вы заплатите на сайте { $value } и вернётесь сюда.
leave-button = Перейти на { $value }
returned-title = Ждём подтверждения оплаты
returned-text = Платёжная система ещё не ответила. Обычно это занимает несколько минут. Страницу можно закрыть: мы сообщим вам.
returned-once = Не платите второй раз.
returned-another = Я ещё не заплатил(а)
confirmation-title = Заявление принято
confirmation-number = Номер заявления
confirmation-next = Что дальше
confirmation-pay = Чтобы заявление рассмотрели, нужно оплатить.
confirmation-due = Срок ответа по закону: { $value }.
confirmation-tell = Мы сообщим о каждом изменении. Результат появится здесь, в разделе «Мои заявления».
confirmation-track = Следить за заявлением

# My applications
applications-title = Мои заявления
applications-none = У вас пока нет заявлений.
applications-find = Найти услугу
phase-draft = Черновик
phase-running = В работе
phase-returned = Нужно исправить
phase-ended = Завершено
erased-title = Данные этого заявления удалены
erased-on = Данные этого заявления удалены { $value }. Их больше никто не может прочитать, восстановить их нельзя.
erased-under = Основание: { $value }
erased-documents = Полученные вами документы действуют до указанного в них срока. Вашу копию по-прежнему может проверить любой человек.
track-continue = Продолжить
track-discard = Удалить черновик
track-returned = Сотрудник просит исправить некоторые ответы. Менять нужно только отмеченные.
track-correct = Исправить
track-pay = Оплатить
track-amount = К оплате: { $value }
track-decision = Решение
track-reasons = Причины
track-appeal = Как обжаловать
track-documents = Документы
track-download = { $value } (PDF)
track-verify = Подлинность документа может проверить каждый:
document-number = Номер: { $value }
document-code = Код проверки: { $value }
document-valid = Действует
document-revoked = Отозван
document-superseded = Заменён новым
track-clock = Сроки и отделение
track-submitted = Отправлено
track-due = Срок по закону
track-overdue = Срок по закону прошёл.
track-office = Отделение
track-timeline = История заявления
discard-title = Удалить черновик?
discard-text = Все ответы будут удалены. Вернуть их нельзя.
discard-button = Удалить
discard-keep = Нет, оставить

# Inbox and data use
inbox-title = Сообщения
inbox-none = Сообщений пока нет.
inbox-new = Новое
inbox-open = Открыть заявление
inbox-mark = Отметить как прочитанное
channel-sms = SMS
channel-email = Электронная почта
channel-state-queued = отправляется
channel-state-sent = отправлено
channel-state-delivered = доставлено
channel-state-failed = не доставлено
data-use-title = Кто смотрел мои данные
data-use-lead = Когда, зачем и на каком правовом основании государственные органы смотрели сведения о вас.
data-use-none = Пока никто не смотрел.
data-use-representative = Запрос о вашем представителе
data-use-who = Кто
data-use-what = Что
data-use-why = Зачем
data-use-outcome = Результат
outcome-found = Найдено
outcome-not-found = Не найдено
outcome-unavailable = Реестр не ответил
outcome-refused = Отказано

# Checking a document
verify-title = Проверка документа
verify-lead = Узнайте, подлинный ли документ и действует ли он. Входить не нужно.
verify-by-code = По номеру и коду
verify-number = Номер документа
verify-code = Код проверки
verify-code-hint = Напечатан на документе рядом с QR-кодом
verify-button = Проверить
verify-by-file = По файлу
verify-file = Файл PDF
verify-file-hint = До 900 КБ. Файл не сохраняется.
verify-file-button = Проверить файл
verify-number-missing = Введите номер документа
verify-code-missing = Введите код проверки
verify-file-missing = Выберите файл PDF
verify-file-large = Файл должен быть не больше 900 КБ
verify-file-kind = Файл должен быть в формате PDF
verify-another = Проверить другой документ
verdict-valid = Документ подлинный
verdict-invalid = Документ недействителен
verdict-unknown = Такой документ не найден
verdict-text-valid = Его выдал указанный ниже орган, и он не изменён.
verdict-text-invalid = Не полагайтесь на этот документ. Ниже указано, что не так.
verdict-text-unknown = Номер или код неверны, или документ выдан не здесь. Сравните с документом и попробуйте ещё раз.
verdict-specimen = Образец: выдан тестовой системой, юридической силы не имеет.
verdict-kind = Вид документа
verdict-agency = Кем выдан
verdict-sealed = Когда выдан
verdict-status = Состояние
verdict-checked = Что проверено
finding-integrity = Файл не изменён
finding-issuer = Чья печать
finding-time = Время
finding-withdrawn = Не отозван
finding-state-ok = Верно
finding-state-failed = Неверно
finding-state-not-checked = Не проверено

# Officers
queue-title = Очередь задач
queue-decided = Решение принято и записано.
queue-no-role = Вам пока не назначена роль. Обратитесь к администратору вашего органа.
queue-none = Открытых задач нет.
queue-number = Номер
queue-what = Задача
queue-office = Отделение
queue-due = Срок
queue-late = Срок прошёл
task-applicant = Заявитель
task-language = Язык: { $value }
task-payment = Оплата
task-answer = Ответ заявителя
task-registry = В реестре
task-differs = Расхождение
task-same = Взято из реестра
task-absent = Записи нет, или реестр не ответил
task-decision = Ваше решение
task-reasons = Причины: { $value }
task-mark = Какие ответы исправить?
task-why = Что не так
task-note = Пояснение заявителю
task-note-hint = Заявитель прочитает это в своём заявлении
task-send = Подтвердить решение
task-choose = Выберите решение
task-reason-missing = Отметьте хотя бы одну причину
task-mark-missing = Отметьте ответ, который нужно исправить
task-why-missing = Напишите, что не так в отмеченном ответе
task-changed = Заявление за это время изменилось. Проверьте его и подтвердите решение снова.
grants-title = Разрешения на доступ к данным
grants-lead = Что другие органы запрашивают из ваших реестров.
grants-none = Запросов на разрешение нет.
grants-to = Кому
grants-what = Что
grants-until = До
grants-approvals = Подтверждения
grants-approve = Разрешить
grants-revoke = Отозвать
grants-revoke-what = С этого момента никто не запрашивает ваши реестры по этому разрешению. Отменить это нельзя: чтобы разрешить снова, разрешение изменяют и подтверждают заново.
grants-revoke-confirm = Отозвать
grant-state-waiting = Ожидает
grant-state-approved = Разрешено
grant-state-superseded = Заменено
grant-state-expired = Истекло
grant-state-revoked = Отозвано

# Words of other services
yes = Да
no = Нет
phase-discarded = Удалено
status-draft = Заявление ещё не отправлено.
status-discarded = Черновик удалён.
status-returned = В заявлении нужно кое-что исправить.
status-paying = Ждём вашу оплату.
status-reviewing = Ваше заявление рассматривает сотрудник.
status-delayed = Есть задержка. Сотрудники знают, от вас ничего не требуется.
status-refunding = Мы возвращаем вам деньги.
status-waiting = Ждём следующего шага.
status-working = Мы работаем над вашим заявлением.
event-submitted = Заявление отправлено
event-resubmitted = Исправленное заявление отправлено
event-delayed = Возникла задержка
event-paid = Оплата получена
event-payment-closed = Срок оплаты истёк
event-refund-asked = Начат возврат денег
event-refunded = Деньги возвращены
event-task-opened = Заявление передано сотруднику
event-decided = Принято решение
event-returned = Заявление возвращено на исправление
event-issued = Документ выдан
event-withdrawn = Заявление отозвано
event-ended = Рассмотрение завершено
event-mandate-ended = Доверенность перестала действовать
actor-applicant = заявитель
actor-officer = сотрудник
actor-representative = представитель
payment-open = Ожидается
payment-paid = Оплачено
payment-waived = Освобождено от оплаты
payment-closed = Не оплачено, закрыто
track-appeal-text = Если вы не согласны с решением, его можно обжаловать в вышестоящем органе или в суде.
pay-formula = Правило расчёта: { $value }
pay-credit = Уже оплачено: { $value }
pay-waived = Льгота: { $value }
reference-bhm = Базовая расчётная величина

# Errors and help
fault-code = Код ошибки: { $value }
fault-help = Получить помощь
fault-back = Вернуться на страницу
fault-title-not-found = Страница не найдена
fault-text-not-found = Адрес неверен, или эта страница не для вас. Проверьте адрес или начните с главной страницы.
fault-title-forbidden = Это действие запрещено
fault-text-forbidden = Возможно, страница была открыта слишком долго или открыта из другого места. Откройте её заново и повторите действие.
fault-title-signed-out = Вы вышли из системы
fault-text-signed-out = Сеанс закрыт для безопасности. Войдите и продолжите: ответы с предыдущих страниц сохранены.
fault-title-too-many = Слишком много запросов
fault-text-too-many = Подождите минуту и попробуйте снова.
fault-title-unavailable = Сейчас не работает
fault-text-unavailable = Часть системы не отвечает. Сохранённые ответы не пропадут. Попробуйте снова через минуту.
fault-title-restoring = Система восстанавливается
fault-text-restoring = После сбоя данные восстанавливаются и проверяются. Сейчас заявления и платежи не принимаются. Зайдите позже и проверьте, в каком состоянии ваши заявления.
fault-title-full = Сейчас мы не можем принимать заявления
fault-text-full = В системе закончилось место. Заявление не отправлено. Попробуйте позже.
fault-title-ended = Эта услуга больше не оказывается
fault-text-ended = Новые заявления больше не принимаются. По уже отправленным заявлениям будет принято решение, они остаются в разделе «Мои заявления».
fault-title-stopped = Приём новых заявлений временно остановлен
fault-text-stopped = В услуге обнаружена ошибка, и мы остановили приём, чтобы ни одно заявление не пропало. Всё, что вы заполнили, сохранено. Попробуйте позже.
fault-title-changed = Заявление за это время изменилось
fault-text-changed = Это действие сейчас невозможно или уже выполнено. Откройте заявление и посмотрите его состояние.
fault-title-invalid = Запрос непонятен
fault-text-invalid = Данные пришли не полностью, слишком велики или повреждены. Вернитесь и отправьте снова.
fault-title-too-large = Для одной страницы это слишком много
fault-text-too-large = На одной странице помещается до { $value } ответов. То, что вы сейчас отправили, не сохранено; прежние ответы целы. Вернитесь и сократите его.
fault-title-internal = Ошибка системы
fault-text-internal = Это наша ошибка, она записана. Сохранённые ответы не пропадут. Попробуйте позже.
help-code = Код ошибки, который вы видели: { $value }. Назовите его, когда обратитесь за помощью.
help-lost-title = Мои ответы пропали?
help-lost = Нет. Они сохраняются при каждом нажатии «Продолжить». Продолжите в разделе «Мои заявления».
help-paid-title = Я заплатил(а), но заявление ещё ждёт
help-paid = Подтверждение приходит за несколько минут. Не платите второй раз. Деньги, пришедшие после закрытия заявления, вернутся вам.
help-sign-in-title = Не получается войти
help-sign-in = В большинство услуг входят через OneID. Для некоторых услуг входа с паролем недостаточно.
help-office-title = Хочу поговорить с человеком
help-office = На странице каждой услуги есть список отделений. Назовите номер заявления.
accessibility-aim = Этот сайт для всех. Он сделан по уровню AA стандарта WCAG 2.2.
accessibility-keyboard = Всё можно сделать с клавиатуры и с программой чтения с экрана.
accessibility-zoom = Текст можно увеличить до 400 %.
accessibility-script = Страницы работают и без JavaScript.
accessibility-languages = Каждая страница есть на пяти языках.
accessibility-limits = Страницы оплаты и OneID принадлежат другим организациям, за них мы не отвечаем.

# Counted
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
inbox-unread = { $n ->
    [one] { $n } непрочитанное сообщение
    [few] { $n } непрочитанных сообщения
   *[other] { $n } непрочитанных сообщений
 }
queue-count = { $n ->
    [one] { $n } задача, сначала самые срочные
    [few] { $n } задачи, сначала самые срочные
   *[other] { $n } задач, сначала самые срочные
 }
wrong-required = { $label } – ответьте на вопрос
wrong-option = { $label } – выберите из списка
wrong-date = { $label } – укажите настоящую дату: день, месяц, год
wrong-phone = { $label } – укажите телефон так: +998 90 111 22 33
wrong-email = { $label } – укажите адрес так: имя@почта.uz
wrong-yes-no = { $label } – выберите «Да» или «Нет»
wrong-integer = { $label } – укажите целое число
wrong-number = { $label } – укажите число
wrong-max-length = { $label } – не длиннее { $limit } знаков
wrong-min-length = { $label } – не короче { $limit } знаков
wrong-maximum = { $label } – не больше { $limit }
wrong-minimum = { $label } – не меньше { $limit }
wrong-changed-meanwhile = { $label } – этот ответ изменён после того, как вы открыли страницу. Сейчас сохранено: { $kept }. Чтобы заменить его своим, нажмите «Продолжить»
wrong-unreadable = { $label } – часть букв не удалось прочитать. Введите их снова
wrong-other = { $label } – проверьте ответ
step = Вопрос { $n } из { $of }

# Списки из нескольких страниц
pages-label = Страницы списка
pages-older = Более ранние
pages-newest = К самым новым
queue-next = Следующие задачи
queue-first = К самым срочным
queue-part = { $n ->
    [one] { $n } задача на этой странице, сначала самые срочные
    [few] { $n } задачи на этой странице, сначала самые срочные
   *[other] { $n } задач на этой странице, сначала самые срочные
 }

# Кто из сотрудников открывал заявление
data-use-opening = Сотрудник открыл ваше заявление
data-use-document = Сотрудник открыл документ по вашему заявлению
data-use-reason = Сотрудник указал:
data-use-reason-gone = (удалено вместе с заявлением)
role-registrar = Регистратор
task-closed-on = Решение принято или больше не требуется с { $value }.
reason-title = Зачем вы открываете это дело?
reason-outside = Этой задачи нет в вашей очереди. Её можно посмотреть, но сначала укажите причину.
reason-closed = По этой задаче решение уже принято или больше не требуется. Её можно посмотреть, но сначала укажите причину.
reason-label = Причина
reason-hint = Она сохранится в журнале, и заявитель прочтёт её в разделе «Кто смотрел мои данные». Не более 500 знаков.
reason-button = Открыть дело
reason-missing = Укажите, зачем вы открываете это дело
reason-long = Причина должна быть не длиннее 500 знаков
decided-title = Решение уже принято
decided-text = Пока ваша страница была открыта, решение принял кто-то другой, или оно больше не требуется. Ваше решение не записано.
decided-look = Посмотреть, что решено
decided-queue = Вернуться к очереди задач
