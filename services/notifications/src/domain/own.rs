//! Messages that the platform itself has for people, in every service: no definition has to write them.

use std::sync::LazyLock;

use api::Notification;
use serde_json::json;

/// A name that no definition can give to one of its own.
pub const DRAFT_EXPIRES: &str = "@draft-expires";

static OWN: LazyLock<[Notification; 1]> = LazyLock::new(|| {
    let draft_expires = json!({
        "name": DRAFT_EXPIRES,
        "class": "informative",
        "channels": ["inbox", "email", "sms"],
        "title": {
            "uz": "Tugallanmagan arizangiz oʻchiriladi",
            "uz-Cyrl": "Тугалланмаган аризангиз ўчирилади",
            "kaa": "Tamamlanbaǵan arzańız óshiriledi",
            "ru": "Ваше неоконченное заявление будет удалено",
            "en": "Your unfinished application will be deleted",
        },
        "text": {
            "uz": "“{{ service.title }}” xizmatiga boshlagan arizangiz hali yuborilmagan. {{ draft.until }} kuni u javoblaringiz bilan birga oʻchiriladi. Saqlab qolish uchun uni ochib, davom ettiring.",
            "uz-Cyrl": "“{{ service.title }}” хизматига бошлаган аризангиз ҳали юборилмаган. {{ draft.until }} куни у жавобларингиз билан бирга ўчирилади. Сақлаб қолиш учун уни очиб, давом эттиринг.",
            "kaa": "“{{ service.title }}” xızmetine baslaǵan arzańız ele jiberilmegen. {{ draft.until }} kúni ol juwaplarıńız benen birge óshiriledi. Saqlap qalıw ushın onı ashıp, dawam etiń.",
            "ru": "Заявление на услугу «{{ service.title }}» вы начали, но не отправили. {{ draft.until }} оно будет удалено вместе с ответами. Чтобы сохранить его, откройте и продолжите.",
            "en": "You began an application for “{{ service.title }}” and have not sent it. On {{ draft.until }} it will be deleted with your answers. To keep it, open it and go on.",
        },
        "short": {
            "uz": "Yuborilmagan arizangiz {{ draft.until }} kuni oʻchiriladi. Davom ettirish uchun portalga kiring.",
            "uz-Cyrl": "Юборилмаган аризангиз {{ draft.until }} куни ўчирилади. Давом эттириш учун порталга киринг.",
            "kaa": "Jiberilmegen arzańız {{ draft.until }} kúni óshiriledi. Dawam etiw ushın portalǵa kiriń.",
            "ru": "Неотправленное заявление будет удалено {{ draft.until }}. Чтобы продолжить, войдите на портал.",
            "en": "Your unsent application will be deleted on {{ draft.until }}. To go on, sign in to the portal.",
        },
        "why": {
            "uz": "Yuborilmagan arizalar faqat maʼlum muddat saqlanadi.",
            "uz-Cyrl": "Юборилмаган аризалар фақат маълум муддат сақланади.",
            "kaa": "Jiberilmegen arzalar tek belgili múddet saqlanadı.",
            "ru": "Неотправленные заявления хранятся только ограниченное время.",
            "en": "Applications that were not sent are kept for a limited time only.",
        },
    });
    [serde_json::from_value(draft_expires).expect("it is written as a definition writes its own")]
});

pub fn all() -> &'static [Notification] {
    OWN.as_slice()
}

#[cfg(test)]
mod tests {
    use kernel::Language;

    use super::*;
    use crate::domain::text::{Writer, find, tests::definition};

    #[test]
    fn the_platforms_own_message_is_written_in_every_language_with_its_day() {
        let definition = definition("x");
        let notice = find(&definition, DRAFT_EXPIRES).unwrap();
        let inputs = json!({"case": {"number": null}, "draft": {"until": "24.12.2026"}});
        for language in [Language::Uz, Language::UzCyrl, Language::Kaa, Language::Ru, Language::En] {
            let writer = Writer { definition: &definition, language, agency: "Adliya", inputs: &inputs };
            let letter = writer.write(notice).unwrap();
            assert!(letter.body.contains("24.12.2026") && letter.short.contains("24.12.2026"), "{letter:?}");
            assert!(!writer.why(notice).unwrap().is_empty());
        }
    }
}
