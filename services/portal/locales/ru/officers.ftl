queue-title = Очередь задач
queue-decided = Решение принято и записано.
queue-no-role = Вам пока не назначена роль. Обратитесь к администратору вашего ведомства.
queue-none = Открытых задач нет.
queue-number = Номер
queue-what = Задача
queue-office = Отделение
queue-due = Срок
queue-late = Срок прошёл
task-applicant = Заявитель
task-origin = на основе заявления { $value }
task-language = Язык: { $value }
task-payment = Оплата
task-answer = Ответ заявителя
task-registry = В реестре
task-differs = Расхождение
task-same = Взято из реестра
task-absent = Записи нет, или реестр не ответил
task-decision = Ваше решение
task-ticked = То, что вы отметите под решением, выбирает его.
task-reasons = Причины: { $value }
task-mark = Какие ответы исправить?
task-why = Что не так
task-note = Пояснение заявителю
task-note-hint = Заявитель прочитает это в своём заявлении
task-send = Подтвердить решение
task-choose = Выберите решение
task-contradicts = Что-то отмечено и под другим решением. Снимите отметку или выберите то решение.
task-reason-missing = Отметьте хотя бы одну причину
task-mark-missing = Отметьте ответ, который нужно исправить
task-why-missing = Напишите, что не так в отмеченном ответе
task-changed = Заявление за это время изменилось. Проверьте его и подтвердите решение снова.
grants-title = Разрешения на доступ к данным
grants-lead = Что другие ведомства запрашивают из ваших реестров.
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

data-use-opening = Сотрудник открыл ваше заявление
data-use-document = Сотрудник открыл документ по вашему заявлению
data-use-reason = Сотрудник указал:
data-use-reason-gone = (удалено вместе с заявлением)
role-registrar = Регистратор
role-expert = Эксперт
role-inspector = Инспектор
role-chief = Начальник
role-migration-officer = Сотрудник по миграции
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
queue-count = { $n ->
    [one] { $n } задача, сначала самые срочные
    [few] { $n } задачи, сначала самые срочные
   *[other] { $n } задач, сначала самые срочные
 }
queue-next = Следующие задачи
queue-first = К самым срочным
queue-part = { $n ->
    [one] { $n } задача на этой странице, сначала самые срочные
    [few] { $n } задачи на этой странице, сначала самые срочные
   *[other] { $n } задач на этой странице, сначала самые срочные
 }
