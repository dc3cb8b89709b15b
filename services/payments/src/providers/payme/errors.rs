//! Payme's error codes with the sentences people read, in the three languages Payme shows.

use super::rpc::{Error, Message};
use crate::domain::provider::Refused;

pub const NOT_POST: i64 = -32_300;
pub const PARSE: i64 = -32_700;
pub const FIELDS: i64 = -32_600;
pub const METHOD: i64 = -32_601;
pub const ACCESS: i64 = -32_504;
pub const SYSTEM: i64 = -32_400;
const AMOUNT: i64 = -31_001;
const NOT_FOUND: i64 = -31_003;
const CANNOT_CANCEL: i64 = -31_007;
const STATE: i64 = -31_008;
const UNKNOWN_ORDER: i64 = -31_050;
const PAID_ORDER: i64 = -31_051;
const CLOSED_ORDER: i64 = -31_052;
pub const FISCAL_NOT_FOUND: i64 = -32_001;
pub const FISCAL_FIELDS: i64 = -32_602;
const ACCOUNT_FIELD: &str = "order_id";

/// Errors of the protocol itself.
pub fn protocol(code: i64, data: Option<String>) -> Error {
    let message = match code {
        NOT_POST => {
            Message {
                ru: "Метод запроса не POST.", uz: "Soʻrov POST usulida emas.", en: "The request is not a POST."
            }
        }
        PARSE => Message {
            ru: "Ошибка разбора JSON.", uz: "JSON oʻqib boʻlmadi.", en: "The JSON cannot be read."
        },
        METHOD => {
            Message { ru: "Метод не найден.", uz: "Usul topilmadi.", en: "There is no such method." }
        }
        ACCESS => Message {
            ru: "Недостаточно прав для выполнения метода.",
            uz: "Usulni bajarish uchun huquq yetarli emas.",
            en: "Not allowed to call this method.",
        },
        SYSTEM => Message {
            ru: "Системная ошибка. Повторите запрос позже.",
            uz: "Tizim xatosi. Soʻrovni keyinroq takrorlang.",
            en: "System error. Repeat the request later.",
        },
        FISCAL_NOT_FOUND => {
            Message { ru: "Чек не найден.", uz: "Chek topilmadi.", en: "There is no such receipt." }
        }
        _ => Message {
            ru: "Отсутствуют обязательные поля или их тип неверен.",
            uz: "Majburiy maydonlar yoʻq yoki turi notoʻgʻri.",
            en: "Required fields are missing or of a wrong type.",
        },
    };
    Error { code, message, data }
}

/// A refusal of the desk in Payme's words. `busy_code` is the merchant's choice.
pub fn of(refused: Refused, busy_code: i64) -> Error {
    let account = || Some(ACCOUNT_FIELD.to_owned());
    let (code, data) = match refused {
        Refused::UnknownOrder => (UNKNOWN_ORDER, account()),
        Refused::AlreadyPaid => (PAID_ORDER, account()),
        Refused::Closed => (CLOSED_ORDER, account()),
        Refused::Busy => (busy_code, account()),
        Refused::Amount => (AMOUNT, None),
        Refused::UnknownTransaction => (NOT_FOUND, None),
        Refused::State | Refused::TimedOut => (STATE, None),
        Refused::NotRefundable => (CANNOT_CANCEL, None),
    };
    Error { code, message: message(refused), data }
}

fn message(refused: Refused) -> Message {
    match refused {
        Refused::UnknownOrder => Message {
            ru: "Счёт не найден. Проверьте номер.",
            uz: "Hisob topilmadi. Raqamni tekshiring.",
            en: "There is no such order. Check its number.",
        },
        Refused::AlreadyPaid => {
            Message {
                ru: "Счёт уже оплачен.", uz: "Hisob allaqachon toʻlangan.", en: "The order is already paid."
            }
        }
        Refused::Closed => Message {
            ru: "Срок оплаты истёк или счёт отменён.",
            uz: "Toʻlov muddati oʻtgan yoki hisob bekor qilingan.",
            en: "The time to pay is over or the order was cancelled.",
        },
        Refused::Busy => Message {
            ru: "Счёт уже оплачивается. Дождитесь результата.",
            uz: "Hisob toʻlanmoqda. Natijani kuting.",
            en: "The order is being paid. Wait for the result.",
        },
        Refused::Amount => {
            Message { ru: "Неверная сумма.", uz: "Summa notoʻgʻri.", en: "The amount is wrong." }
        }
        Refused::UnknownTransaction => {
            Message {
                ru: "Транзакция не найдена.", uz: "Tranzaksiya topilmadi.", en: "There is no such transaction."
            }
        }
        Refused::State | Refused::TimedOut => Message {
            ru: "Операция невозможна в этом состоянии.",
            uz: "Bu holatda amalni bajarib boʻlmaydi.",
            en: "The state does not allow the operation.",
        },
        Refused::NotRefundable => Message {
            ru: "Отменить нельзя: возврат оформляет ведомство.",
            uz: "Bekor qilib boʻlmaydi: pulni idora qaytaradi.",
            en: "It cannot be cancelled: refunds are made by the agency.",
        },
    }
}
