//! What may be said of a panic: its place always, its words only where the program has them as they are, for values that were
//! put into them may be somebody's.

use std::any::Any;

/// The words of a panic, where nothing was put into them.
pub fn words(payload: &(dyn Any + Send)) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or("its words hold values and are not told")
}

/// Instead of the standard words on standard error, which hold whatever the program was working on.
pub(crate) fn tell_without_values() {
    std::panic::set_hook(Box::new(|panicked| {
        let place = panicked.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, words = words(panicked.payload()), "panicked");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(work: impl FnOnce() + std::panic::UnwindSafe) -> &'static str {
        words(&*std::panic::catch_unwind(work).unwrap_err())
    }

    #[test]
    fn a_panic_tells_nothing_that_was_put_into_its_words() {
        let typed = "Dilnoza";
        assert_eq!(told(|| panic!("a case has a number")), "a case has a number");
        let formatted = told(|| panic!("{typed} is no number"));
        let unexpected = told(|| {
            let _: u8 = typed.parse().expect("a number");
        });
        assert_eq!([formatted, unexpected], ["its words hold values and are not told"; 2]);
    }
}
