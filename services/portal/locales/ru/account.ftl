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
inbox-unread = { $n ->
    [one] { $n } непрочитанное сообщение
    [few] { $n } непрочитанных сообщения
   *[other] { $n } непрочитанных сообщений
 }
