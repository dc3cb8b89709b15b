//! What a person orders by an annotation: a revision for everybody now, or away with it.

use kernel::Hash;

use super::placement::{EVERYBODY, Placement};

/// Gives a revision to everybody without waiting for its steps, or goes on after an alarm.
pub const PROMOTE: &str = "xizmat.dev/promote";
/// Takes a revision back.
pub const ROLLBACK: &str = "xizmat.dev/rollback";

pub const BY_HAND: &str = "taken back by hand";
const PROMOTED: &str = "promoted by hand";
/// Why new applications are stopped when a law does badly.
pub const UNHEALTHY: &str = "unhealthy";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Place {
        revision: Hash,
        share: u32,
        reason: &'static str,
    },
    /// New applications are taken again.
    Open,
}

/// What a person wrote.
#[derive(Debug, Clone, Copy, Default)]
pub struct Written<'a> {
    pub promote: Option<&'a str>,
    pub rollback: Option<&'a str>,
}

impl Written<'_> {
    /// Whether what counts was ordered to go on.
    pub fn goes_on(&self, placement: &Placement, today: &str) -> bool {
        let named = self.promote.and_then(|name| placement.named(name));
        named.is_some() && named == placement.active(today)
    }
}

/// What is still to be done of what was ordered; an order that cannot be carried out is told. Annotations stay: what they name is
/// as they say, so they order nothing any more. `known` counted at the last look.
pub fn open(
    written: Written<'_>,
    placement: &Placement,
    known: Option<&str>,
    today: &str,
) -> Result<Option<Order>, String> {
    let Written { promote, rollback } = written;
    let active = placement.active(today);
    // Whoever applies another definition orders just that.
    let is_another = known.is_some_and(|known| active.is_some_and(|active| active.short() != known));
    if placement.closed == UNHEALTHY && is_another {
        return Ok(Some(Order::Open));
    }
    let named = |annotation: &str, name: &str| {
        let unknown =
            || format!("{annotation}: no revision `{name}` of this service is known; write at least 12 digits of it.");
        placement.named(name).ok_or_else(unknown)
    };
    let back = rollback.map(|name| named(ROLLBACK, name)).transpose()?;
    if let Some(placed) = back
        && placed.share > 0
    {
        return Ok(Some(Order::Place { revision: placed.revision, share: 0, reason: BY_HAND }));
    }
    let Some(name) = promote else { return Ok(None) };
    let placed = named(PROMOTE, name)?;
    // Whoever orders both wants it away.
    if back == Some(placed) {
        return Ok(None);
    }
    if placed.share == EVERYBODY {
        let stopped = active == Some(placed) && placement.closed == UNHEALTHY;
        return Ok(stopped.then_some(Order::Open));
    }
    if active.is_some_and(|active| active.admitted > placed.admitted) {
        let short = placed.short();
        return Err(format!("{PROMOTE}: a newer revision counts than `{short}`; apply its definition again instead."));
    }
    Ok(Some(Order::Place { revision: placed.revision, share: EVERYBODY, reason: PROMOTED }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::{placement::Placed, tests::placed};

    const TODAY: &str = "2026-11-29";

    fn placement(shares: &[u32]) -> Placement {
        let newest = u8::try_from(shares.len()).unwrap();
        let revisions = shares.iter().zip((1..=newest).rev()).map(|(share, number)| placed(number, *share)).collect();
        Placement { revisions, closed: String::new() }
    }

    fn name(number: u8) -> String {
        placed(number, 0).short()
    }

    fn open(promote: Option<&str>, rollback: Option<&str>, placement: &Placement) -> Result<Option<Order>, String> {
        super::open(Written { promote, rollback }, placement, None, TODAY)
    }

    #[test]
    fn an_order_is_carried_out_once() {
        let on_its_way = placement(&[5, 100]);
        let revision = placed(2, 5).revision;
        let promoted = Order::Place { revision, share: 100, reason: PROMOTED };
        assert_eq!(open(Some(&name(2)), None, &on_its_way), Ok(Some(promoted)));
        assert_eq!(open(Some(&name(2)), None, &placement(&[100, 100])), Ok(None));
        let back = Order::Place { revision, share: 0, reason: BY_HAND };
        assert_eq!(open(None, Some(&name(2)), &on_its_way), Ok(Some(back)));
        assert_eq!(open(None, Some(&name(2)), &placement(&[0, 100])), Ok(None));
    }

    #[test]
    fn what_was_taken_back_is_given_to_everybody_by_an_order_only() {
        let revision = placed(2, 0).revision;
        let promoted = Order::Place { revision, share: 100, reason: PROMOTED };
        assert_eq!(open(Some(&name(2)), None, &placement(&[0, 100])), Ok(Some(promoted)));
        assert_eq!(open(None, None, &placement(&[0, 100])), Ok(None));
    }

    #[test]
    fn whoever_orders_both_wants_it_away() {
        let both = |shares: &[u32]| open(Some(&name(2)), Some(&name(2)), &placement(shares));
        assert!(matches!(both(&[5, 100]), Ok(Some(Order::Place { share: 0, .. }))));
        assert_eq!(both(&[0, 100]), Ok(None), "not to and fro for ever");
    }

    #[test]
    fn an_older_revision_cannot_overtake_and_an_unknown_one_is_told() {
        let wrong = open(Some(&name(2)), None, &placement(&[100, 0, 100])).unwrap_err();
        assert!(wrong.contains("apply its definition again"), "{wrong}");
        let unknown = open(None, Some("0123456789ab"), &placement(&[100])).unwrap_err();
        assert!(unknown.contains("`0123456789ab`"), "{unknown}");
    }

    #[test]
    fn a_service_that_an_alarm_stopped_goes_on_when_a_person_says_so() {
        let mut stopped = placement(&[100, 100]);
        stopped.closed = UNHEALTHY.to_owned();
        assert_eq!(open(Some(&name(2)), None, &stopped), Ok(Some(Order::Open)));
        assert_eq!(open(Some(&name(1)), None, &stopped), Ok(None), "another revision's order");
        let known = |number: u8| super::open(Written::default(), &stopped, Some(&name(number)), TODAY);
        assert_eq!((known(2), known(1)), (Ok(None), Ok(Some(Order::Open))), "another definition was applied");
        stopped.closed = "ending".to_owned();
        assert_eq!(open(Some(&name(2)), None, &stopped), Ok(None), "a service that ends stays closed");
        let law = Placed { effective_from: "2027-01-01".into(), ..placed(3, 100) };
        stopped.revisions.insert(0, law);
        assert_eq!(open(Some(&name(3)), None, &stopped), Ok(None));
    }
}
