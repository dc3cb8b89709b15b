//! Phrases for decision tables.

use super::Phrase;

pub const UNIQUE: Phrase = Phrase([
    "Quyidagi qoidalardan bir vaqtda koʻpi bilan bittasi mos keladi.",
    "Қуйидаги қоидалардан бир вақтда кўпи билан биттаси мос келади.",
    "Tómendegi qaǵıydalardan bir waqıtta kóbi menen birewi sáykes keledi.",
    "Из этих правил одновременно подходит не больше одного.",
    "At most one of these rules holds at a time.",
]);
pub const FIRST: Phrase = Phrase([
    "Quyidagi qoidalardan birinchi mos kelgani hal qiladi.",
    "Қуйидаги қоидалардан биринчи мос келгани ҳал қилади.",
    "Tómendegi qaǵıydalardan birinshi sáykes kelgeni sheshedi.",
    "Из этих правил решает первое подходящее.",
    "The first of these rules that holds decides.",
]);
pub const SUM: Phrase = Phrase([
    "Mos kelgan barcha qoidalar bergan qiymatlar qoʻshiladi: {0}. Keyin {1}-qadam.",
    "Мос келган барча қоидалар берган қийматлар қўшилади: {0}. Кейин {1}-қадам.",
    "Sáykes kelgen barlıq qaǵıydalar bergen mánisler qosıladı: {0}. Keyin {1}-qádem.",
    "Значения всех подходящих правил складываются: {0}. Затем шаг {1}.",
    "What all rules that hold give is added up: {0}. Then step {1}.",
]);
pub const LIST: Phrase = Phrase([
    "Mos kelgan barcha qoidalar bergan qiymatlar roʻyxatga olinadi: {0}. Keyin {1}-qadam.",
    "Мос келган барча қоидалар берган қийматлар рўйхатга олинади: {0}. Кейин {1}-қадам.",
    "Sáykes kelgen barlıq qaǵıydalar bergen mánisler dizimge alınadı: {0}. Keyin {1}-qádem.",
    "Значения всех подходящих правил записываются списком: {0}. Затем шаг {1}.",
    "What all rules that hold give is listed: {0}. Then step {1}.",
]);
pub const RULE_LEADS: Phrase = Phrase([
    "{0} qoidasi: agar {1} boʻlsa, {2}-qadam.",
    "{0} қоидаси: агар {1} бўлса, {2}-қадам.",
    "{0} qaǵıydası: eger {1} bolsa, {2}-qádem.",
    "Правило {0}: если {1}, шаг {2}.",
    "Rule {0}: if {1}, step {2}.",
]);
pub const RULE_GIVES: Phrase = Phrase([
    "{0} qoidasi: agar {1} boʻlsa, {2} beradi.",
    "{0} қоидаси: агар {1} бўлса, {2} беради.",
    "{0} qaǵıydası: eger {1} bolsa, {2} beredi.",
    "Правило {0}: если {1}, даёт {2}.",
    "Rule {0}: if {1}, it gives {2}.",
]);
pub const RULE_LEADS_ALWAYS: Phrase = Phrase([
    "{0} qoidasi: har qanday holatda {1}-qadam.",
    "{0} қоидаси: ҳар қандай ҳолатда {1}-қадам.",
    "{0} qaǵıydası: hár qanday jaǵdayda {1}-qádem.",
    "Правило {0}: в любом случае шаг {1}.",
    "Rule {0}: in any case, step {1}.",
]);
pub const RULE_GIVES_ALWAYS: Phrase = Phrase([
    "{0} qoidasi: har qanday holatda {1} beradi.",
    "{0} қоидаси: ҳар қандай ҳолатда {1} беради.",
    "{0} qaǵıydası: hár qanday jaǵdayda {1} beredi.",
    "Правило {0}: в любом случае даёт {1}.",
    "Rule {0}: in any case, it gives {1}.",
]);
