queue-holder = У кого
claim-take = Взять
claim-own = Эта задача у вас
claim-other = Эту задачу взял другой сотрудник. Пока она у него, решает только он.
claim-until = до { $value }
claim-release = Вернуть в очередь
claim-taken = Эту задачу взял другой сотрудник. Ваше решение не записано.
holder-mine = Мои
holder-nobody = Ничьи
holder-others = У других сотрудников
holder-me = У вас
holder-somebody = Другой сотрудник
narrow-title = Отобрать задачи
narrow-service = Услуга
narrow-any = Все
narrow-role = Роль
narrow-state = Состояние
narrow-late = Только просроченные
narrow-button = Показать
narrow-all = Показать всю очередь
narrow-name = Сохранить отбор под названием
narrow-name-hint = Не более 40 знаков. Не пишите ничьих имён.
narrow-save = Сохранить
narrow-remove = Удалить
narrow-none = Таких задач нет.
state-reviewing = У сотрудника
state-asking = Ждёт другого человека
state-returned = Возвращено на исправление
state-paying = Ожидает оплаты
state-delayed = Задержка
state-refunding = Возврат денег
state-waiting = Ожидание
state-working = В работе
state-ended = Завершено
role-lead = Руководитель отделения
menu-find = Найти заявление
find-title = Найти заявление
find-lead = Каждый поиск записывается, и каждый, чьё заявление найдено, видит это в разделе «Кто смотрел мои данные».
find-agency = Ведомство
find-kind = Что вы знаете?
find-number = Номер заявления
find-pinfl = ПИНФЛ
find-phone = Номер телефона
find-name = Имя
find-text = Что искать
find-text-hint = Имя – целыми словами, любым алфавитом. Находятся заявитель и тот, кто действует от его имени.
find-reason = Зачем вы ищете за пределами своей очереди?
find-reason-hint = Оставьте пустым, чтобы искать только в своей очереди. Написанное сохранится в журнале, и его прочтёт каждый, кто найден. Не более 500 знаков.
find-button = Найти
find-count = { $n ->
    [one] Найдено { $n } заявление
    [few] Найдено { $n } заявления
   *[other] Найдено { $n } заявлений
 }
find-more = Есть и другие. Укажите больше из того, что знаете.
find-beyond = В вашей очереди ничего не найдено. Чтобы искать по всему ведомству, напишите зачем.
find-missing = Напишите, что искать
load-title = Загрузка отделения
load-offices = По отделениям
load-open = Открыто
load-in-1 = Срок в пределах 1 рабочего дня
load-in-3 = Срок в пределах 3 рабочих дней
load-in-5 = Срок в пределах 5 рабочих дней
load-no-office = Без отделения
load-ages = Сколько времени задачи открыты
load-age-1 = До 1 дня
load-age-3 = До 3 дней
load-age-7 = До 7 дней
load-age-14 = До 14 дней
load-age-more = Дольше
load-officers = По сотрудникам
load-officer = Сотрудник
load-unclaimed = Задачи, которых никто не взял
load-back = { $n ->
    [one] { $n } задача возвращена в очередь
    [few] { $n } задачи возвращены в очередь
   *[other] { $n } задач возвращено в очередь
 }
load-left = { $n ->
    [one] { $n } задачу вернуть не удалось. Попробуйте ещё раз.
    [few] { $n } задачи вернуть не удалось. Попробуйте ещё раз.
   *[other] { $n } задач вернуть не удалось. Попробуйте ещё раз.
 }
held-title = Задачи сотрудника
held-away = Сотрудник отсутствует
held-away-what = Всё, что есть у сотрудника, вернётся в очередь, и это смогут взять другие.
held-take-back = Вернуть всё в очередь
held-give = Передать
held-give-button = Передать
held-nobody = Ни у кого больше нет этой роли в этом отделении
data-use-search = Сотрудник искал вас и нашёл это заявление
event-assigned = Назначен сотрудник
