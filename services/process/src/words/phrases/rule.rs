//! Phrases for rules: conditions, amounts and what they speak of.

use super::Phrase;

pub const IS: Phrase = Phrase(["{0} – {1}", "{0} – {1}", "{0} – {1}", "{0} – {1}", "{0} is {1}"]);
pub const IS_NOT: Phrase =
    Phrase(["{0} – {1} emas", "{0} – {1} эмас", "{0} – {1} emes", "{0} – не {1}", "{0} is not {1}"]);
pub const LESS: Phrase = Phrase([
    "{0}: {1} qiymatidan kam",
    "{0}: {1} қийматидан кам",
    "{0}: {1} mánisinen kem",
    "{0}: меньше, чем {1}",
    "{0} is less than {1}",
]);
pub const AT_MOST: Phrase = Phrase([
    "{0}: {1} qiymatidan koʻp emas",
    "{0}: {1} қийматидан кўп эмас",
    "{0}: {1} mánisinen kóp emes",
    "{0}: не больше, чем {1}",
    "{0} is at most {1}",
]);
pub const MORE: Phrase = Phrase([
    "{0}: {1} qiymatidan koʻp",
    "{0}: {1} қийматидан кўп",
    "{0}: {1} mánisinen kóp",
    "{0}: больше, чем {1}",
    "{0} is more than {1}",
]);
pub const AT_LEAST: Phrase = Phrase([
    "{0}: {1} qiymatidan kam emas",
    "{0}: {1} қийматидан кам эмас",
    "{0}: {1} mánisinen kem emes",
    "{0}: не меньше, чем {1}",
    "{0} is at least {1}",
]);
pub const FROM_TO: Phrase = Phrase([
    "{0}: {1} dan {2} gacha, ikkalasi ham kiradi",
    "{0}: {1} дан {2} гача, иккаласи ҳам киради",
    "{0}: {1} den {2} ge shekem, ekewi de kiredi",
    "{0}: от {1} до {2} включительно",
    "{0} is from {1} to {2}, both included",
]);
pub const BEFORE: Phrase = Phrase([
    "{0}: {1} sanasidan oldin",
    "{0}: {1} санасидан олдин",
    "{0}: {1} sánesinen aldın",
    "{0}: раньше, чем {1}",
    "{0} is before {1}",
]);
pub const NOT_AFTER: Phrase = Phrase([
    "{0}: {1} sanasidan kech emas",
    "{0}: {1} санасидан кеч эмас",
    "{0}: {1} sánesinen kesh emes",
    "{0}: не позже, чем {1}",
    "{0} is not later than {1}",
]);
pub const AFTER: Phrase = Phrase([
    "{0}: {1} sanasidan keyin",
    "{0}: {1} санасидан кейин",
    "{0}: {1} sánesinen keyin",
    "{0}: позже, чем {1}",
    "{0} is after {1}",
]);
pub const NOT_BEFORE: Phrase = Phrase([
    "{0}: {1} sanasidan oldin emas",
    "{0}: {1} санасидан олдин эмас",
    "{0}: {1} sánesinen aldın emes",
    "{0}: не раньше, чем {1}",
    "{0} is not earlier than {1}",
]);
pub const AND: Phrase = Phrase(["{0} va {1}", "{0} ва {1}", "{0} hám {1}", "{0} и {1}", "{0} and {1}"]);
pub const OR: Phrase = Phrase(["{0} yoki {1}", "{0} ёки {1}", "{0} yamasa {1}", "{0} или {1}", "{0} or {1}"]);
pub const NOT: Phrase = Phrase([
    "quyidagi shart bajarilmaydi: {0}",
    "қуйидаги шарт бажарилмайди: {0}",
    "tómendegi shárt orınlanbaydı: {0}",
    "не выполняется условие: {0}",
    "it is not so that {0}",
]);
pub const ONE_OF: Phrase = Phrase([
    "{0} – quyidagilardan biri: {1}",
    "{0} – қуйидагилардан бири: {1}",
    "{0} – tómendegilerdiń biri: {1}",
    "{0} – одно из: {1}",
    "{0} is one of: {1}",
]);
pub const GIVEN: Phrase =
    Phrase(["{0} koʻrsatilgan", "{0} кўрсатилган", "{0} kórsetilgen", "{0}: указано", "{0} is given"]);
pub const IF: Phrase = Phrase([
    "agar {0} boʻlsa: {1}; aks holda: {2}",
    "агар {0} бўлса: {1}; акс ҳолда: {2}",
    "eger {0} bolsa: {1}; bolmasa: {2}",
    "если {0}: {1}; иначе: {2}",
    "if {0}: {1}; otherwise: {2}",
]);
pub const YES: Phrase = Phrase(["ha", "ҳа", "awa", "да", "yes"]);
pub const NO: Phrase = Phrase(["yoʻq", "йўқ", "yaq", "нет", "no"]);
pub const ALWAYS: Phrase = Phrase(["har doim", "ҳар доим", "hámme waqıt", "всегда", "always"]);
pub const NEVER: Phrase = Phrase(["hech qachon", "ҳеч қачон", "hesh qashan", "никогда", "never"]);
pub const EMPTY: Phrase = Phrase(["boʻsh", "бўш", "bos", "пусто", "empty"]);
pub const BASE_AMOUNT: Phrase = Phrase([
    "bazaviy hisoblash miqdori",
    "базавий ҳисоблаш миқдори",
    "bazalıq esaplaw muǵdarı",
    "базовая расчётная величина",
    "the base calculation amount",
]);
pub const PERCENT_OF_BASE_AMOUNT: Phrase = Phrase([
    "bazaviy hisoblash miqdorining {0} foizi",
    "базавий ҳисоблаш миқдорининг {0} фоизи",
    "bazalıq esaplaw muǵdarınıń {0} procenti",
    "{0} % базовой расчётной величины",
    "{0} % of the base calculation amount",
]);
pub const PERCENT: Phrase = Phrase([
    "{0} summasining {1} foizi",
    "{0} суммасининг {1} фоизи",
    "{0} summasınıń {1} procenti",
    "{1} % от суммы {0}",
    "{1} % of {0}",
]);
pub const ROUNDED_UP: Phrase = Phrase([
    "{0} (koʻpayish tomonga yaxlitlanadi)",
    "{0} (кўпайиш томонга яхлитланади)",
    "{0} (artıw tárepke dóńgeleklenedi)",
    "{0} (с округлением вверх)",
    "{0} (rounded up)",
]);
pub const ROUNDED_DOWN: Phrase = Phrase([
    "{0} (kamayish tomonga yaxlitlanadi)",
    "{0} (камайиш томонга яхлитланади)",
    "{0} (kemeyiw tárepke dóńgeleklenedi)",
    "{0} (с округлением вниз)",
    "{0} (rounded down)",
]);
pub const ROUNDED_EVEN: Phrase = Phrase([
    "{0} (yarmi eng yaqin juft songa yaxlitlanadi)",
    "{0} (ярми энг яқин жуфт сонга яхлитланади)",
    "{0} (yarımı eń jaqın jup sanǵa dóńgeleklenedi)",
    "{0} (половина округляется до ближайшего чётного)",
    "{0} (a half is rounded to the nearest even)",
]);
pub const WHOLE_SOM: Phrase =
    Phrase(["{0}, butun soʻmda", "{0}, бутун сўмда", "{0}, pútin swmda", "{0}, в целых сумах", "{0}, in whole soum"]);
pub const SUM: Phrase =
    Phrase(["{0} yigʻindisi", "{0} йиғиндиси", "{0} qosındısı", "сумма значений {0}", "the sum of {0}"]);
pub const SMALLEST: Phrase = Phrase([
    "quyidagilarning eng kichigi: {0}",
    "қуйидагиларнинг энг кичиги: {0}",
    "tómendegilerdiń eń kishisi: {0}",
    "наименьшее из: {0}",
    "the smallest of: {0}",
]);
pub const LARGEST: Phrase = Phrase([
    "quyidagilarning eng kattasi: {0}",
    "қуйидагиларнинг энг каттаси: {0}",
    "tómendegilerdiń eń úlkeni: {0}",
    "наибольшее из: {0}",
    "the largest of: {0}",
]);
pub const SIZE: Phrase = Phrase([
    "{0} soni yoki uzunligi",
    "{0} сони ёки узунлиги",
    "{0} sanı yamasa uzınlıǵı",
    "количество или длина {0}",
    "the number or length of {0}",
]);
pub const BEGINS_WITH: Phrase = Phrase([
    "{0}: {1} bilan boshlanadi",
    "{0}: {1} билан бошланади",
    "{0}: {1} menen baslanadı",
    "{0}: начинается с {1}",
    "{0} begins with {1}",
]);
pub const ENDS_WITH: Phrase = Phrase([
    "{0}: {1} bilan tugaydi",
    "{0}: {1} билан тугайди",
    "{0}: {1} menen tamamlanadı",
    "{0}: заканчивается на {1}",
    "{0} ends with {1}",
]);
pub const CONTAINS: Phrase = Phrase([
    "{0}: ichida {1} bor",
    "{0}: ичида {1} бор",
    "{0}: ishinde {1} bar",
    "{0}: содержит {1}",
    "{0} contains {1}",
]);
pub const TODAY: Phrase = Phrase(["bugungi kun", "бугунги кун", "búgingi kún", "сегодня", "today"]);
pub const AGE: Phrase = Phrase([
    "{0} sanasidan bugungacha toʻliq yillar soni",
    "{0} санасидан бугунгача тўлиқ йиллар сони",
    "{0} sánesinen búginge shekem tolıq jıllar sanı",
    "полных лет с даты {0} до сегодня",
    "full years from {0} until today",
]);
pub const YEARS: Phrase = Phrase([
    "{0} sanasidan {1} sanasigacha toʻliq yillar soni",
    "{0} санасидан {1} санасигача тўлиқ йиллар сони",
    "{0} sánesinen {1} sánesine shekem tolıq jıllar sanı",
    "полных лет с даты {0} до даты {1}",
    "full years from {0} to {1}",
]);
pub const BIRTH_DATE: Phrase = Phrase([
    "{0} boʻyicha tugʻilgan sana",
    "{0} бўйича туғилган сана",
    "{0} boyınsha tuwılǵan sáne",
    "дата рождения по номеру {0}",
    "the date of birth in {0}",
]);
pub const DAYS: Phrase = Phrase([
    "{0} sanasidan {1} sanasigacha kunlar soni",
    "{0} санасидан {1} санасигача кунлар сони",
    "{0} sánesinen {1} sánesine shekem kúnler sanı",
    "дней с даты {0} до даты {1}",
    "days from {0} to {1}",
]);
pub const PLUS_DAYS: Phrase =
    Phrase(["{0} + {1} kun", "{0} + {1} кун", "{0} + {1} kún", "{0} + {1} дн.", "{0} + {1} days"]);
pub const PLUS_MONTHS: Phrase =
    Phrase(["{0} + {1} oy", "{0} + {1} ой", "{0} + {1} ay", "{0} + {1} мес.", "{0} + {1} months"]);
pub const PLUS_YEARS: Phrase =
    Phrase(["{0} + {1} yil", "{0} + {1} йил", "{0} + {1} jıl", "{0} + {1} лет", "{0} + {1} years"]);
pub const WORKING_DAY: Phrase =
    Phrase(["{0} – ish kuni", "{0} – иш куни", "{0} – jumıs kúni", "{0} – рабочий день", "{0} is a working day"]);
pub const OFFICE_FOR: Phrase = Phrase([
    "{0} boʻyicha masʼul boʻlim",
    "{0} бўйича масъул бўлим",
    "{0} boyınsha juwapker bólim",
    "отделение по месту {0}",
    "the office that answers for {0}",
]);
pub const EACH: Phrase = Phrase([
    "{0} roʻyxatidagi har bir {1} uchun: {2}",
    "{0} рўйхатидаги ҳар бир {1} учун: {2}",
    "{0} dizimindegi hár bir {1} ushın: {2}",
    "для каждого {1} из списка {0}: {2}",
    "for each {1} of {0}: {2}",
]);
pub const AT_LEAST_ONE: Phrase = Phrase([
    "{0} roʻyxatidagi kamida bitta {1} uchun: {2}",
    "{0} рўйхатидаги камида битта {1} учун: {2}",
    "{0} dizimindegi keminde bir {1} ushın: {2}",
    "хотя бы для одного {1} из списка {0}: {2}",
    "for at least one {1} of {0}: {2}",
]);
pub const EXACTLY_ONE: Phrase = Phrase([
    "{0} roʻyxatidagi aynan bitta {1} uchun: {2}",
    "{0} рўйхатидаги айнан битта {1} учун: {2}",
    "{0} dizimindegi tek bir {1} ushın: {2}",
    "ровно для одного {1} из списка {0}: {2}",
    "for exactly one {1} of {0}: {2}",
]);
pub const THOSE: Phrase = Phrase([
    "{0} roʻyxatidagi shartga mos {1} (shart: {2})",
    "{0} рўйхатидаги шартга мос {1} (шарт: {2})",
    "{0} dizimindegi shártke sáykes {1} (shárt: {2})",
    "те {1} из списка {0}, для которых {2}",
    "each {1} of {0} for which {2}",
]);
pub const FACT: Phrase = Phrase([
    "{1} reyestri javobidagi {0}",
    "{1} реестри жавобидаги {0}",
    "{1} reestri juwabındaǵı {0}",
    "{0} в ответе реестра {1}",
    "{0} in the answer of the registry {1}",
]);
pub const WHOLE_FACT: Phrase = Phrase([
    "{0} reyestrining javobi",
    "{0} реестрининг жавоби",
    "{0} reestriniń juwabı",
    "ответ реестра {0}",
    "the answer of the registry {0}",
]);
pub const APPLICANT_NAME: Phrase = Phrase([
    "ariza beruvchining ism-sharifi",
    "ариза берувчининг исм-шарифи",
    "arza beriwshiniń atı-familiyası",
    "имя заявителя",
    "the applicant's name",
]);
pub const APPLICANT_FAMILY_NAME: Phrase = Phrase([
    "ariza beruvchining familiyasi",
    "ариза берувчининг фамилияси",
    "arza beriwshiniń familiyası",
    "фамилия заявителя",
    "the applicant's family name",
]);
pub const APPLICANT_GIVEN_NAME: Phrase = Phrase([
    "ariza beruvchining ismi",
    "ариза берувчининг исми",
    "arza beriwshiniń atı",
    "личное имя заявителя",
    "the applicant's given name",
]);
pub const APPLICANT_PATRONYMIC: Phrase = Phrase([
    "ariza beruvchining otasining ismi",
    "ариза берувчининг отасининг исми",
    "arza beriwshiniń ákesiniń atı",
    "отчество заявителя",
    "the applicant's patronymic",
]);
pub const APPLICANT_PINFL: Phrase = Phrase([
    "ariza beruvchining PINFL raqami",
    "ариза берувчининг PINFL рақами",
    "arza beriwshiniń PINFL nomeri",
    "ПИНФЛ заявителя",
    "the applicant's personal number (PINFL)",
]);
pub const APPLICANT_TIN: Phrase = Phrase([
    "ariza beruvchining soliq toʻlovchi raqami",
    "ариза берувчининг солиқ тўловчи рақами",
    "arza beriwshiniń salıq tólewshi nomeri",
    "ИНН заявителя",
    "the applicant's taxpayer number",
]);
pub const APPLICANT_BIRTH_DATE: Phrase = Phrase([
    "ariza beruvchining tugʻilgan sanasi",
    "ариза берувчининг туғилган санаси",
    "arza beriwshiniń tuwılǵan sánesi",
    "дата рождения заявителя",
    "the applicant's date of birth",
]);
pub const APPLICANT_SEX: Phrase = Phrase([
    "ariza beruvchining jinsi",
    "ариза берувчининг жинси",
    "arza beriwshiniń jınısı",
    "пол заявителя",
    "the applicant's sex",
]);
pub const APPLICANT_PHONE: Phrase = Phrase([
    "ariza beruvchining telefoni",
    "ариза берувчининг телефони",
    "arza beriwshiniń telefonı",
    "телефон заявителя",
    "the applicant's phone",
]);
pub const APPLICANT_EMAIL: Phrase = Phrase([
    "ariza beruvchining elektron pochtasi",
    "ариза берувчининг электрон почтаси",
    "arza beriwshiniń elektron pochtası",
    "электронная почта заявителя",
    "the applicant's e-mail address",
]);
pub const APPLICANT_ADDRESS: Phrase = Phrase([
    "ariza beruvchining manzili",
    "ариза берувчининг манзили",
    "arza beriwshiniń mánzili",
    "адрес заявителя",
    "the applicant's address",
]);
pub const APPLICANT_MANDATE: Phrase = Phrase([
    "vakilning vakolati",
    "вакилнинг ваколати",
    "wákildiń wákilligi",
    "полномочие представителя",
    "the representative's mandate",
]);
pub const CASE_NUMBER: Phrase =
    Phrase(["ariza raqami", "ариза рақами", "arza nomeri", "номер заявления", "the application's number"]);
pub const CASE_SUBMITTED: Phrase = Phrase([
    "ariza yuborilgan kun",
    "ариза юборилган кун",
    "arza jiberilgen kún",
    "день подачи заявления",
    "the day of the application",
]);
pub const CASE_CHANNEL: Phrase = Phrase([
    "ariza berish yoʻli",
    "ариза бериш йўли",
    "arza beriw jolı",
    "способ подачи заявления",
    "the way of applying",
]);
pub const CASE_SUBMITTED_BY: Phrase = Phrase([
    "arizani yuborgan shaxs",
    "аризани юборган шахс",
    "arzanı jibergen shaxs",
    "отправивший заявление",
    "whoever sent the application",
]);
pub const CASE_LANGUAGE: Phrase =
    Phrase(["ariza tili", "ариза тили", "arza tili", "язык заявления", "the application's language"]);
pub const CASE_DECISION: Phrase = Phrase([
    "xodimning qarori",
    "ходимнинг қарори",
    "xızmetkerdiń qararı",
    "решение сотрудника",
    "the officer's decision",
]);
pub const CASE_REASONS: Phrase =
    Phrase(["qaror sabablari", "қарор сабаблари", "qarar sebepleri", "причины решения", "the reasons of the decision"]);
pub const CASE_OFFICE: Phrase =
    Phrase(["masʼul boʻlim", "масъул бўлим", "juwapker bólim", "ответственное отделение", "the responsible office"]);
pub const CASE_AREAS: Phrase = Phrase([
    "masʼul boʻlim xizmat koʻrsatadigan hududlar",
    "масъул бўлим хизмат кўрсатадиган ҳудудлар",
    "juwapker bólim xızmet kórsetetuǵın aymaqlar",
    "территории ответственного отделения",
    "the areas of the responsible office",
]);
pub const CASE_NOTE: Phrase =
    Phrase(["qaror izohi", "қарор изоҳи", "qararǵa túsindirme", "пояснение к решению", "the note of the decision"]);
