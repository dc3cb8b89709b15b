//! Phrases for the steps of a process.

use super::Phrase;

pub const TITLE_FORM: Phrase = Phrase(["Ariza", "Ариза", "Arza", "Заявление", "Application"]);
pub const TITLE_TASK: Phrase =
    Phrase(["Xodim qarori", "Ходим қарори", "Xızmetker qararı", "Решение сотрудника", "Decision of an officer"]);
pub const TITLE_PAYMENT: Phrase = Phrase(["Toʻlov: {0}", "Тўлов: {0}", "Tólem: {0}", "Оплата: {0}", "Payment: {0}"]);
pub const TITLE_CALL: Phrase = Phrase([
    "{0} reyestriga soʻrov",
    "{0} реестрига сўров",
    "{0} reestrine soraw",
    "Запрос в реестр {0}",
    "Question to the registry {0}",
]);
pub const TITLE_DECIDE: Phrase = Phrase([
    "Qoida boʻyicha yoʻl tanlash",
    "Қоида бўйича йўл танлаш",
    "Qaǵıyda boyınsha jol tańlaw",
    "Выбор пути по правилу",
    "A rule chooses the way",
]);
pub const TITLE_DOCUMENT: Phrase =
    Phrase(["Hujjat: {0}", "Ҳужжат: {0}", "Hújjet: {0}", "Документ: {0}", "Document: {0}"]);
pub const TITLE_SIGNATURE: Phrase =
    Phrase(["Imzo: {0}", "Имзо: {0}", "Qol qoyıw: {0}", "Подпись: {0}", "Signature: {0}"]);
pub const TITLE_NOTIFY: Phrase = Phrase(["Xabar: {0}", "Хабар: {0}", "Xabar: {0}", "Сообщение: {0}", "Message: {0}"]);
pub const TITLE_WAIT: Phrase = Phrase(["Kutish", "Кутиш", "Kútiw", "Ожидание", "Waiting"]);
pub const TITLE_REFUND: Phrase =
    Phrase(["Pulni qaytarish", "Пулни қайтариш", "Puldı qaytarıw", "Возврат денег", "Paying back"]);
pub const TITLE_EMIT: Phrase = Phrase([
    "Idoralarga xabar: {0}",
    "Идораларга хабар: {0}",
    "Mekemelerge xabar: {0}",
    "Сообщение ведомствам: {0}",
    "Told to agencies: {0}",
]);
pub const TITLE_PARALLEL: Phrase =
    Phrase(["Bir vaqtda", "Бир вақтда", "Bir waqıtta", "Одновременно", "At the same time"]);
pub const TITLE_EACH: Phrase = Phrase([
    "Roʻyxatdagi har biri uchun",
    "Рўйхатдаги ҳар бири учун",
    "Dizimdegi hár biri ushın",
    "Для каждого из списка",
    "For each of a list",
]);
pub const TITLE_SUBPROCESS: Phrase = Phrase([
    "Boshqa xizmat: {0}",
    "Бошқа хизмат: {0}",
    "Basqa xızmet: {0}",
    "Другая услуга: {0}",
    "Another service: {0}",
]);
pub const TITLE_SET: Phrase = Phrase([
    "Qiymatlar belgilanadi",
    "Қийматлар белгиланади",
    "Mánisler belgilenedi",
    "Задаются значения",
    "Values are set",
]);
pub const TITLE_END: Phrase = Phrase(["Yakun: {0}", "Якун: {0}", "Juwmaq: {0}", "Завершение: {0}", "End: {0}"]);
pub const FILLS_IN: Phrase = Phrase([
    "Ariza beruvchi shaklni toʻldiradi va yuboradi.",
    "Ариза берувчи шаклни тўлдиради ва юборади.",
    "Arza beriwshi formanı toltıradı hám jiberedi.",
    "Заявитель заполняет форму и отправляет её.",
    "The applicant fills in the form and sends it.",
]);
pub const BEGINS: Phrase = Phrase([
    "{0}: yakuni {1} boʻlgan arizadan boshlanadi.",
    "{0}: якуни {1} бўлган аризадан бошланади.",
    "{0}: juwmaǵı {1} bolǵan arzadan baslanadı.",
    "{0}: начинается из заявления, которое завершилось так: {1}.",
    "{0}: begins from an application that has ended with {1}.",
]);
pub const BEGINS_WITHIN: Phrase = Phrase([
    "Buni boshlash muddati: ariza yakunlanganidan keyin {0}.",
    "Буни бошлаш муддати: ариза якунланганидан кейин {0}.",
    "Bunı baslaw múddeti: arza juwmaqlanǵannan keyin {0}.",
    "Срок, чтобы начать: {0} после завершения заявления.",
    "Time to begin: {0} after the application has ended.",
]);
pub const BEGINS_SAME: Phrase = Phrase([
    "Yangi arizani avvalgi ariza boʻyicha qaror qilgan xodim ham koʻrib chiqishi mumkin.",
    "Янги аризани аввалги ариза бўйича қарор қилган ходим ҳам кўриб чиқиши мумкин.",
    "Jańa arzanı aldıńǵı arza boyınsha qarar qılǵan xızmetker de kórip shıǵıwı múmkin.",
    "Новое заявление может рассмотреть и тот сотрудник, который решал по прежнему.",
    "An officer who decided the earlier application may decide the new one, too.",
]);
pub const CARRIED: Phrase = Phrase([
    "Undan olinadi: {0}.",
    "Ундан олинади: {0}.",
    "Onnan alınadı: {0}.",
    "Из него берётся: {0}.",
    "Taken over from it: {0}.",
]);
pub const ON_PAPER: Phrase = Phrase([
    "{0}: qogʻozdagi arizani {1} vazifasidagi xodim kiritadi.",
    "{0}: қоғоздаги аризани {1} вазифасидаги ходим киритади.",
    "{0}: qaǵazdaǵı arzanı {1} wazıypasındaǵı xızmetker kirgizedi.",
    "{0}: заявление на бумаге вносит сотрудник с ролью {1}.",
    "{0}: what comes on paper is entered by an officer in the role {1}.",
]);
pub const BY_EVENT: Phrase = Phrase([
    "{0}: {1} idorasining {2} xabari bilan ish oʻzi boshlanadi, hech kim ariza bermaydi.",
    "{0}: {1} идорасининг {2} хабари билан иш ўзи бошланади, ҳеч ким ариза бермайди.",
    "{0}: {1} mekemesiniń {2} xabarı menen is ózi baslanadı, hesh kim arza bermeydi.",
    "{0}: дело начинается само по сообщению {2} ведомства {1}, заявление не подаётся.",
    "{0}: a case begins by itself when the agency {1} announces {2}; nobody applies.",
]);
pub const ROLE: Phrase = Phrase([
    "{0} rolidagi xodim qaror qiladi.",
    "{0} ролидаги ходим қарор қилади.",
    "{0} rolindegi xızmetker qarar etedi.",
    "Решение принимает сотрудник с ролью {0}.",
    "An officer with the role {0} decides.",
]);
pub const TASK_AGENCY: Phrase =
    Phrase(["Idora: {0}.", "Идора: {0}.", "Mekeme: {0}.", "Ведомство: {0}.", "Agency: {0}."]);
pub const OFFICE: Phrase = Phrase(["Boʻlim: {0}.", "Бўлим: {0}.", "Bólim: {0}.", "Отделение: {0}.", "Office: {0}."]);
pub const RESPONSIBLE: Phrase = Phrase([
    "Ishga masʼul boʻlim: {0}.",
    "Ишга масъул бўлим: {0}.",
    "Iske juwapker bólim: {0}.",
    "За дело отвечает отделение: {0}.",
    "The office that is responsible for the case: {0}.",
]);
pub const DEADLINE: Phrase = Phrase([
    "Qaror muddati: {0}.",
    "Қарор муддати: {0}.",
    "Qarar múddeti: {0}.",
    "Срок решения: {0}.",
    "Time for the decision: {0}.",
]);
pub const DEADLINE_WHEN: Phrase = Phrase([
    "Agar {0} boʻlsa, qaror muddati: {1}.",
    "Агар {0} бўлса, қарор муддати: {1}.",
    "Eger {0} bolsa, qarar múddeti: {1}.",
    "Если {0}, срок решения: {1}.",
    "If {0}, time for the decision: {1}.",
]);
pub const DEADLINE_OTHERWISE: Phrase = Phrase([
    "Aks holda qaror muddati: {0}.",
    "Акс ҳолда қарор муддати: {0}.",
    "Bolmasa qarar múddeti: {0}.",
    "Иначе срок решения: {0}.",
    "Otherwise, time for the decision: {0}.",
]);
pub const ESCALATED: Phrase = Phrase([
    "Muddat tugasa, xodimning rahbariga xabar beriladi.",
    "Муддат тугаса, ходимнинг раҳбарига хабар берилади.",
    "Múddet tawsılsa, xızmetkerdiń basshısına xabar beriledi.",
    "Если срок истёк, об этом сообщают руководителю сотрудника.",
    "When the time is over, the officer's superior is told.",
]);
pub const SILENCE: Phrase = Phrase([
    "Muddat tugasa, bu qaror oʻz-oʻzidan qabul qilinadi: {0}.",
    "Муддат тугаса, бу қарор ўз-ўзидан қабул қилинади: {0}.",
    "Múddet tawsılsa, bul qarar óz-ózinen qabıl etiledi: {0}.",
    "Если срок истёк, само собой принимается решение: {0}.",
    "When the time is over, this decision is taken by itself: {0}.",
]);
pub const QUESTIONS: Phrase = Phrase([
    "Xodim ariza beruvchiga koʻpi bilan {0} marta savol bera oladi; ariza beruvchi bundan {1} xabari bilan xabardor boʻladi.",
    "Ходим ариза берувчига кўпи билан {0} марта савол бера олади; ариза берувчи бундан {1} хабари билан хабардор бўлади.",
    "Xızmetker arza beriwshige kóbi menen {0} ret soraw bere aladı; arza beriwshi bul haqqında {1} xabarı menen biledi.",
    "Сотрудник может задать заявителю вопросы (не более {0}); о вопросе заявитель узнаёт из сообщения {1}.",
    "The officer can ask the applicant questions (at most {0}); the applicant is told by the message {1}.",
]);
pub const ANSWERS: Phrase = Phrase([
    "Javob muddati: {0}. Javob kutilayotganda qaror muddati ham, vaʼda qilingan muddat ham toʻxtab turadi.",
    "Жавоб муддати: {0}. Жавоб кутилаётганда қарор муддати ҳам, ваъда қилинган муддат ҳам тўхтаб туради.",
    "Juwap múddeti: {0}. Juwap kútilip atırǵanda qarar múddeti de, wáde etilgen múddet te toqtap turadı.",
    "Срок ответа: {0}. Пока ответа ждут, срок решения и обещанный срок не идут.",
    "Time for the answer: {0}. Until it comes, the time for the decision and the promised time stand still.",
]);
pub const REMINDED: Phrase = Phrase([
    "{0} oʻtsa, ariza beruvchiga {1} xabari bilan eslatiladi.",
    "{0} ўтса, ариза берувчига {1} хабари билан эслатилади.",
    "{0} ótse, arza beriwshige {1} xabarı menen eskertiledi.",
    "Напоминание через {0}: сообщение {1}.",
    "After {0} the applicant is reminded by the message {1}.",
]);
pub const UNANSWERED: Phrase = Phrase([
    "Javob kelmasa, xodim javobsiz davom etadi.",
    "Жавоб келмаса, ходим жавобсиз давом этади.",
    "Juwap kelmese, xızmetker juwapsız dawam etedi.",
    "Если ответа нет, сотрудник продолжает без него.",
    "If no answer comes, the officer goes on without one.",
]);
pub const UNANSWERED_DECIDES: Phrase = Phrase([
    "Javob kelmasa, bu qaror oʻz-oʻzidan qabul qilinadi: {0}.",
    "Жавоб келмаса, бу қарор ўз-ўзидан қабул қилинади: {0}.",
    "Juwap kelmese, bul qarar óz-ózinen qabıl etiledi: {0}.",
    "Если ответа нет, само собой принимается решение: {0}.",
    "If no answer comes, this decision is taken by itself: {0}.",
]);
pub const FOUR_EYES: Phrase = Phrase([
    "Qarorni ikkinchi xodim tasdiqlaydi.",
    "Қарорни иккинчи ходим тасдиқлайди.",
    "Qarardı ekinshi xızmetker tastıyıqlaydı.",
    "Решение подтверждает второй сотрудник.",
    "A second officer confirms the decision.",
]);
pub const SHOWS: Phrase = Phrase([
    "Xodim faqat bu sahifalarni koʻradi: {0}.",
    "Ходим фақат бу саҳифаларни кўради: {0}.",
    "Xızmetker tek bul betlerdi kóredi: {0}.",
    "Сотрудник видит только эти страницы: {0}.",
    "The officer sees only these pages: {0}.",
]);
pub const DECISION_LEADS: Phrase = Phrase([
    "{0} qarori {1}-qadamga olib boradi.",
    "{0} қарори {1}-қадамга олиб боради.",
    "{0} qararı {1}-qádemge alıp baradı.",
    "Решение {0} ведёт к шагу {1}.",
    "The decision {0} leads to step {1}.",
]);
pub const REASON: Phrase = Phrase([
    "{0} qarorining mumkin boʻlgan sababi: {1}.",
    "{0} қарорининг мумкин бўлган сабаби: {1}.",
    "{0} qararınıń múmkin bolǵan sebebi: {1}.",
    "Возможная причина решения {0}: {1}.",
    "A possible reason for {0}: {1}.",
]);
pub const PAYS: Phrase = Phrase([
    "Ariza beruvchi toʻlaydi: {0}.",
    "Ариза берувчи тўлайди: {0}.",
    "Arza beriwshi tóleydi: {0}.",
    "Заявитель платит: {0}.",
    "The applicant pays: {0}.",
]);
pub const ASKS: Phrase = Phrase([
    "{0} reyestridan soʻraladi ({1} amali).",
    "{0} реестридан сўралади ({1} амали).",
    "{0} reestrinen soraladı ({1} ámeli).",
    "Запрашивается реестр {0} (операция {1}).",
    "The registry {0} is asked (operation {1}).",
]);
pub const SENT_TO_IT: Phrase = Phrase([
    "Unga yuboriladi: {0} – {1}.",
    "Унга юборилади: {0} – {1}.",
    "Oǵan jiberiledi: {0} – {1}.",
    "Ему передаётся: {0} – {1}.",
    "It is sent: {0} – {1}.",
]);
pub const PURPOSE: Phrase = Phrase(["Maqsad: {0}.", "Мақсад: {0}.", "Maqset: {0}.", "Цель: {0}.", "What for: {0}."]);
pub const BASIS: Phrase = Phrase([
    "Huquqiy asos: {0}.",
    "Ҳуқуқий асос: {0}.",
    "Huqıqıy tiykar: {0}.",
    "Правовое основание: {0}.",
    "Legal basis: {0}.",
]);
pub const CONSENT: Phrase = Phrase([
    "Avval ariza beruvchining roziligi olinadi.",
    "Аввал ариза берувчининг розилиги олинади.",
    "Aldın arza beriwshiniń razılıǵı alınadı.",
    "Сначала заявитель даёт согласие.",
    "The applicant consents first.",
]);
pub const WHEN: Phrase = Phrase([
    "Agar {0} boʻlsa: {1}-qadam.",
    "Агар {0} бўлса: {1}-қадам.",
    "Eger {0} bolsa: {1}-qádem.",
    "Если {0}: шаг {1}.",
    "If {0}: step {1}.",
]);
pub const OTHERWISE: Phrase = Phrase([
    "Aks holda: {0}-qadam.",
    "Акс ҳолда: {0}-қадам.",
    "Bolmasa: {0}-qádem.",
    "Иначе: шаг {0}.",
    "Otherwise: step {0}.",
]);
pub const MADE: Phrase = Phrase([
    "{0} hujjati tuziladi va elektron muhr bilan tasdiqlanadi. Muhr: {1}.",
    "{0} ҳужжати тузилади ва электрон муҳр билан тасдиқланади. Муҳр: {1}.",
    "{0} hújjeti dúziledi hám elektron mór menen tastıyıqlanadı. Mór: {1}.",
    "Составляется документ {0} и заверяется электронной печатью. Печать: {1}.",
    "The document {0} is made and sealed. Seal of: {1}.",
]);
pub const SIGNS: Phrase = Phrase([
    "Ariza beruvchi {0} hujjatini imzolaydi.",
    "Ариза берувчи {0} ҳужжатини имзолайди.",
    "Arza beriwshi {0} hújjetine qol qoyadı.",
    "Заявитель подписывает документ {0}.",
    "The applicant signs the document {0}.",
]);
pub const TOLD: Phrase = Phrase([
    "Ariza beruvchiga {0} xabari yuboriladi.",
    "Ариза берувчига {0} хабари юборилади.",
    "Arza beriwshige {0} xabarı jiberiledi.",
    "Заявителю отправляется сообщение {0}.",
    "The applicant is sent the message {0}.",
]);
pub const WAITS_FOR: Phrase =
    Phrase(["Ish kutadi: {0}.", "Иш кутади: {0}.", "Is kútedi: {0}.", "Дело ждёт: {0}.", "The case waits: {0}."]);
pub const WAITS_UNTIL: Phrase = Phrase([
    "Ish shu vaqtgacha kutadi: {0}.",
    "Иш шу вақтгача кутади: {0}.",
    "Is usı waqıtqa shekem kútedi: {0}.",
    "Дело ждёт до времени: {0}.",
    "The case waits until: {0}.",
]);
pub const WAITS_FOR_EVENT: Phrase = Phrase([
    "Ish hodisani kutadi: {0}.",
    "Иш ҳодисани кутади: {0}.",
    "Is hádiyseni kútedi: {0}.",
    "Дело ждёт события: {0}.",
    "The case waits for the event {0}.",
]);
pub const WAITS_FOR_MESSAGE: Phrase = Phrase([
    "Ish xabarni kutadi: {0}.",
    "Иш хабарни кутади: {0}.",
    "Is xabardı kútedi: {0}.",
    "Дело ждёт сообщения: {0}.",
    "The case waits for the message {0}.",
]);
pub const REFUNDS: Phrase = Phrase([
    "{0}-qadamda toʻlangan pul qaytariladi.",
    "{0}-қадамда тўланган пул қайтарилади.",
    "{0}-qádemde tólengen pul qaytarıladı.",
    "Уплаченное на шаге {0} возвращается.",
    "What was paid in step {0} is paid back.",
]);
pub const UNDOES: Phrase = Phrase([
    "{0}-qadam bekor qilinadi.",
    "{0}-қадам бекор қилинади.",
    "{0}-qádem biykar etiledi.",
    "Шаг {0} отменяется.",
    "Step {0} is undone.",
]);
pub const EMITS: Phrase = Phrase([
    "Bu maʼlumotni olishga ruxsati bor idoralarga xabar beriladi.",
    "Бу маълумотни олишга рухсати бор идораларга хабар берилади.",
    "Bul maǵlıwmattı alıwǵa ruqsatı bar mekemelerge xabar beriledi.",
    "Об этом сообщается ведомствам, которым это разрешено.",
    "Agencies that may know it are told.",
]);
pub const BRANCH: Phrase = Phrase([
    "Bir vaqtda ({0}): {1}-qadam.",
    "Бир вақтда ({0}): {1}-қадам.",
    "Bir waqıtta ({0}): {1}-qádem.",
    "Одновременно ({0}): шаг {1}.",
    "At the same time ({0}): step {1}.",
]);
pub const JOIN_ALL: Phrase = Phrase([
    "Hammasi tugagach davom etadi.",
    "Ҳаммаси тугагач давом этади.",
    "Hámmesi tamamlanǵannan keyin dawam etedi.",
    "Дальше – когда завершены все.",
    "It goes on when all of them are done.",
]);
pub const JOIN_ANY: Phrase = Phrase([
    "Birinchisi tugagach davom etadi, qolganlari toʻxtaydi.",
    "Биринчиси тугагач давом этади, қолганлари тўхтайди.",
    "Birinshisi tamamlanǵannan keyin dawam etedi, qalǵanları toqtaydı.",
    "Дальше – когда завершён первый; остальные прекращаются.",
    "It goes on when the first is done; the others stop.",
]);
pub const EACH_ITEM: Phrase = Phrase([
    "Har biri uchun ({0}): {1}-qadam.",
    "Ҳар бири учун ({0}): {1}-қадам.",
    "Hár biri ushın ({0}): {1}-qádem.",
    "Для каждого ({0}): шаг {1}.",
    "For each of {0}: step {1}.",
]);
pub const RUNS: Phrase = Phrase([
    "Ichida boshqa xizmat bajariladi: {0}.",
    "Ичида бошқа хизмат бажарилади: {0}.",
    "Ishinde basqa xızmet orınlanadı: {0}.",
    "Внутри выполняется другая услуга: {0}.",
    "Another service runs inside: {0}.",
]);
pub const SETS: Phrase = Phrase([
    "{0} qiymati belgilanadi: {1}.",
    "{0} қиймати белгиланади: {1}.",
    "{0} mánisi belgilenedi: {1}.",
    "{0} получает значение: {1}.",
    "{0} is set to: {1}.",
]);
pub const ENDS: Phrase = Phrase([
    "Ish yakunlanadi: {0}.",
    "Иш якунланади: {0}.",
    "Is juwmaqlanadı: {0}.",
    "Дело завершается: {0}.",
    "The case ends: {0}.",
]);
pub const DELIVERS: Phrase = Phrase([
    "Ariza beruvchi oladi: {0}.",
    "Ариза берувчи олади: {0}.",
    "Arza beriwshi aladı: {0}.",
    "Заявитель получает: {0}.",
    "The applicant gets: {0}.",
]);
pub const NEXT: Phrase =
    Phrase(["Keyin: {0}-qadam.", "Кейин: {0}-қадам.", "Keyin: {0}-qádem.", "Затем: шаг {0}.", "Then: step {0}."]);
pub const TIMEOUT: Phrase = Phrase(["Muddat: {0}.", "Муддат: {0}.", "Múddet: {0}.", "Срок: {0}.", "Time: {0}."]);
pub const AFTER_TIMEOUT: Phrase = Phrase([
    "Muddat tugasa: {0}-qadam.",
    "Муддат тугаса: {0}-қадам.",
    "Múddet tawsılsa: {0}-qádem.",
    "Если срок истёк: шаг {0}.",
    "When the time is over: step {0}.",
]);
pub const NOT_FOUND: Phrase = Phrase([
    "Hech narsa topilmasa: {0}-qadam.",
    "Ҳеч нарса топилмаса: {0}-қадам.",
    "Hesh nárse tabılmasa: {0}-qádem.",
    "Если ничего не найдено: шаг {0}.",
    "When nothing is found: step {0}.",
]);
pub const UNAVAILABLE: Phrase = Phrase([
    "Javob kelmasa: {0}-qadam.",
    "Жавоб келмаса: {0}-қадам.",
    "Juwap kelmese: {0}-qádem.",
    "Если ответа нет: шаг {0}.",
    "When there is no answer: step {0}.",
]);
pub const FAILED: Phrase = Phrase([
    "Butunlay bajarilmasa: {0}-qadam.",
    "Бутунлай бажарилмаса: {0}-қадам.",
    "Ulıwma orınlanbasa: {0}-qádem.",
    "Если выполнить не удалось: шаг {0}.",
    "When it fails for good: step {0}.",
]);
pub const UNDONE_BY: Phrase = Phrase([
    "Bekor qilish zarur boʻlsa: {0}-qadam.",
    "Бекор қилиш зарур бўлса: {0}-қадам.",
    "Biykar etiw zárúr bolsa: {0}-qádem.",
    "Если это нужно отменить: шаг {0}.",
    "When it has to be undone: step {0}.",
]);
pub const RETRIED: Phrase = Phrase([
    "Urinishlar soni: {0}.",
    "Уринишлар сони: {0}.",
    "Urınıslar sanı: {0}.",
    "Число попыток: {0}.",
    "Attempts: {0}.",
]);
pub const WHO: Phrase = Phrase([
    "Kimdan soʻraladi: {0}.",
    "Кимдан сўралади: {0}.",
    "Kimnen soraladı: {0}.",
    "Кого спрашивают: {0}.",
    "Who is asked: {0}.",
]);
pub const WHO_COMPANY: Phrase = Phrase([
    "Kimdan soʻraladi: tashkilot, {0}. Uning nomidan hozirgi rahbari javob beradi.",
    "Кимдан сўралади: ташкилот, {0}. Унинг номидан ҳозирги раҳбари жавоб беради.",
    "Kimnen soraladı: shólkem, {0}. Onıń atınan házirgi basshısı juwap beredi.",
    "Кого спрашивают: организацию, {0}. От её имени отвечает её нынешний руководитель.",
    "Who is asked: a company, {0}. Whoever directs it then answers for it.",
]);
pub const INVITED: Phrase = Phrase([
    "Unga yuboriladigan xabar: {0}.",
    "Унга юбориладиган хабар: {0}.",
    "Oǵan jiberiletuǵın xabar: {0}.",
    "Ему отправляют сообщение: {0}.",
    "They are told with the message {0}.",
]);
pub const DECLINED: Phrase = Phrase([
    "Rozi boʻlmasa: {0}-qadam.",
    "Рози бўлмаса: {0}-қадам.",
    "Razı bolmasa: {0}-qádem.",
    "Если не согласен: шаг {0}.",
    "When they decline: step {0}.",
]);
