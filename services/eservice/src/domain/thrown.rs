//! Why an officer throws away what they took in: one of few reasons. What they would type goes with the case, whose data is destroyed at
//! once; this stays in the record, and whoever signed the paper reads it.

use kernel::Failure;

pub struct Why {
    pub code: &'static str,
    /// In the order of [`LANGUAGES`].
    told: [&'static str; 5],
}

const LANGUAGES: [&str; 5] = ["uz", "uz-Cyrl", "kaa", "ru", "en"];

const REASONS: [Why; 3] = [
    Why {
        code: "mistake",
        told: [
            "Qogʻozdagi ariza yuborilmasdan oʻchirildi: u xato kiritilgan edi",
            "Қоғоздаги ариза юборилмасдан ўчирилди: у хато киритилган эди",
            "Qaǵazdaǵı arza jiberilmesten óshirildi: ol qáte kirgizilgen edi",
            "Заявление на бумаге удалено до отправки: оно было внесено по ошибке",
            "An application on paper was thrown away before it was sent: it had been taken in by mistake",
        ],
    },
    Why {
        code: "twice",
        told: [
            "Qogʻozdagi ariza yuborilmasdan oʻchirildi: u allaqachon qabul qilingan",
            "Қоғоздаги ариза юборилмасдан ўчирилди: у аллақачон қабул қилинган",
            "Qaǵazdaǵı arza jiberilmesten óshirildi: ol burın qabıl etilgen",
            "Заявление на бумаге удалено до отправки: оно уже было принято",
            "An application on paper was thrown away before it was sent: it had been taken in already",
        ],
    },
    Why {
        code: "taken-back",
        told: [
            "Qogʻozdagi ariza yuborilmasdan oʻchirildi: imzolagan shaxs uni qaytarib oldi",
            "Қоғоздаги ариза юборилмасдан ўчирилди: имзолаган шахс уни қайтариб олди",
            "Qaǵazdaǵı arza jiberilmesten óshirildi: qol qoyǵan adam onı qaytarıp aldı",
            "Заявление на бумаге удалено до отправки: подписавший забрал его",
            "An application on paper was thrown away before it was sent: whoever signed it took it back",
        ],
    },
];

impl Why {
    pub fn told(&self) -> proto::Text {
        let texts = LANGUAGES.into_iter().zip(self.told);
        proto::Text { by_language: texts.map(|(tag, words)| (tag.to_owned(), words.to_owned())).collect() }
    }
}

pub fn why(code: &str) -> Result<&'static Why, Failure> {
    REASONS.iter().find(|reason| reason.code == code).ok_or_else(|| {
        Failure::invalid("paper.discard-reason", "Say why this application is thrown away: choose one of the reasons.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_told_in_every_language_and_no_other_is_taken() {
        for code in ["mistake", "twice", "taken-back"] {
            assert_eq!(why(code).unwrap().told().by_language.len(), 5, "{code}");
        }
        for wrong in ["", "because"] {
            assert_eq!(
                why(wrong).err().map(|failure| failure.code.into_owned()).as_deref(),
                Some("paper.discard-reason")
            );
        }
    }
}
