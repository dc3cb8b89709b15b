//! Who serves in an agency: what its administrators read and change, each change with its audit row and its event.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use kernel::{Failure, Hash, Language, MessageId, PersonId, Time, pinfl::Pinfl};
use prost::Message;
use proto::{Event as _, identity::v1::AppointmentChanged};
use sql::{
    Tx, args,
    outbox::{self, Outgoing},
};

use super::{
    Record, Store,
    invitations::known_from,
    officers::{Card, appointments, login_taken, new_secret},
    record, sessions,
    substitutes::{self, Substitute},
};
use crate::domain::{
    person::Appointment,
    staff::{ADMINISTRATOR, Window, administers, ends_after},
    token::Opaque,
};

/// How long a role that ended is still shown.
const SHOWN: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What one answer holds, whatever their names and roles.
const MEMBERS_MAX: usize = 200;

/// Of more people than these one can take any task.
const FEW: usize = 3;

/// An administrator at work in their agency.
#[derive(Clone, Copy)]
pub struct Acting<'a> {
    pub person: PersonId,
    /// Signed in as an officer, not as a citizen.
    pub officer: bool,
    pub agency: &'a str,
    /// The service on whose side it happens.
    pub through: &'a str,
}

/// Somebody who serves in the agency, or did a moment ago.
pub struct Member {
    pub person: PersonId,
    pub display_name: String,
    pub appointments: Vec<Appointment>,
    pub substitutes: Vec<Substitute>,
    /// They have no password yet.
    pub invited: bool,
}

/// Whom an administrator invites.
pub struct Inviting {
    pub pinfl: Pinfl,
    pub login: String,
    pub display_name: String,
    pub appointment: Appointment,
}

/// Where a task waits; an empty office is any of the agency's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub agency: String,
    pub office: String,
    pub role: String,
}

impl Place {
    fn is_of(&self, held: &Appointment) -> bool {
        let office = self.office.is_empty() || held.office.is_empty() || held.office == self.office;
        office && held.agency == self.agency && held.role == self.role
    }
}

/// Who of them is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Whom {
    /// By name, from behind this person on.
    After(Option<PersonId>),
    /// This one, and then who can stand in for them: those of the same office first.
    Beside(PersonId),
}

/// As many as an answer holds.
pub struct Staff {
    pub members: Vec<Member>,
    /// Behind whom there are more.
    pub next: Option<PersonId>,
}

/// Name, person, and the offices in which they have a role; an empty one is the whole agency.
type Named = (String, PersonId, BTreeSet<String>);

impl Store {
    pub async fn staff(&self, acting: Acting<'_>, whom: Whom) -> Result<Staff, Failure> {
        let mut tx = self.database.read().await?;
        let held = appointments(&mut tx, acting.person).await?;
        if !acting.officer || !administers(&held, acting.agency, self.now()) {
            drop(tx);
            return self.deny(self.database.begin().await?, acting).await;
        }
        let named = chosen(self.named(&mut tx, acting.agency).await?, whom);
        let more = named.len() > MEMBERS_MAX && matches!(whom, Whom::After(_));
        let next = more.then(|| named[MEMBERS_MAX - 1].1);
        let mut members = Vec::new();
        for (_, person, _) in named.iter().take(MEMBERS_MAX) {
            members.push(self.member(&mut tx, acting.agency, *person).await?);
        }
        Ok(Staff { members, next })
    }

    /// Everybody who serves there, by name. Names are sealed: the database cannot put them in order.
    async fn named(&self, tx: &mut Tx, agency: &str) -> Result<Vec<Named>, Failure> {
        let rows = tx
            .fetch_all(
                "SELECT person, office FROM appointments WHERE agency = $1 AND (to_us IS NULL OR to_us > $2)",
                args![agency, self.now().minus(SHOWN).micros()],
            )
            .await?;
        let mut offices: BTreeMap<PersonId, BTreeSet<String>> = BTreeMap::new();
        for row in &rows {
            offices.entry(PersonId::from_slice(&row.blob(0)?)?).or_default().insert(row.text(1)?);
        }
        let mut named = Vec::with_capacity(offices.len());
        for (person, offices) in offices {
            let (card, _) = self.card(tx, person).await?.ok_or_else(unknown)?;
            named.push((card.display_name, person, offices));
        }
        named.sort();
        Ok(named)
    }

    /// Of somebody who is an officer already, login and name stay. The invitation is for whoever proves to be this person; who has an
    /// account, or is about to get one in another agency, gets none.
    pub async fn invite_officer(
        &self,
        acting: Acting<'_>,
        inviting: Inviting,
    ) -> Result<(Member, Option<Opaque>), Failure> {
        let mut tx = self.act(acting).await?;
        let person = match self.known_with(&mut tx, inviting.pinfl.reveal()).await? {
            Some(person) if person == acting.person => return Err(own_access()),
            Some(person) => person,
            None => self.remember(&mut tx, known_from(&inviting.pinfl), Language::default()).await?,
        };
        let account = match self.account(&mut tx, person).await? {
            Some(account) => account,
            None => self.open_account(&mut tx, person, &inviting).await?,
        };
        let (held, now) = (appointments(&mut tx, person).await?, self.now());
        let elsewhere = held.iter().any(|held| held.agency != acting.agency && lasts(held, now));
        self.put_appointment(&mut tx, person, &inviting.appointment).await?;
        let invitation = if elsewhere || self.has_password(&mut tx, account).await? {
            None
        } else {
            Some(self.invite(&mut tx, person, account, true).await?)
        };
        self.changed(&mut tx, acting, person, "identity.officer-invited", detail(&inviting.appointment)).await?;
        let member = self.member(&mut tx, acting.agency, person).await?;
        tx.commit().await?;
        Ok((member, invitation))
    }

    pub async fn give_role(
        &self,
        acting: Acting<'_>,
        person: PersonId,
        appointment: &Appointment,
    ) -> Result<Member, Failure> {
        let mut tx = self.act(acting).await?;
        demand_other(acting, person)?;
        demand_colleague(&mut tx, acting, person).await?;
        self.put_appointment(&mut tx, person, appointment).await?;
        self.changed(&mut tx, acting, person, "identity.role-given", detail(appointment)).await?;
        self.done(tx, acting, person).await
    }

    /// Ended again, it stays ended since then.
    pub async fn end_role(
        &self,
        acting: Acting<'_>,
        person: PersonId,
        (office, role): (&str, &str),
    ) -> Result<Member, Failure> {
        let mut tx = self.act(acting).await?;
        demand_other(acting, person)?;
        demand_colleague(&mut tx, acting, person).await?;
        let held = appointments(&mut tx, person).await?;
        let named = |held: &Appointment| held.agency == acting.agency && held.office == office && held.role == role;
        if !held.iter().any(named) {
            return Err(Failure::not_found("identity.role-not-held", "They have no such role in that office."));
        }
        let ended = tx
            .execute(
                "UPDATE appointments SET to_us = $1 WHERE person = $2 AND agency = $3 AND office = $4 AND role = $5
                 AND (to_us IS NULL OR to_us > $1)",
                args![self.now().micros(), person.to_vec(), acting.agency, office, role],
            )
            .await?;
        if ended > 0 {
            let detail = serde_json::json!({ "office": office, "role": role });
            self.changed(&mut tx, acting, person, "identity.role-ended", detail).await?;
        }
        self.done(tx, acting, person).await
    }

    /// An administrator may be away, too; but nobody names themself.
    pub async fn name_substitute(
        &self,
        acting: Acting<'_>,
        (absent, substitute): (PersonId, PersonId),
        window: &Window,
    ) -> Result<Member, Failure> {
        let mut tx = self.act(acting).await?;
        demand_other(acting, substitute)?;
        if absent == substitute {
            return Err(Failure::invalid("identity.substitute-self", "Nobody stands in for themself. Name another."));
        }
        let now = self.now();
        ends_after(window.from.max(now), Some(window.to))?;
        demand_colleague(&mut tx, acting, absent).await?;
        let held = appointments(&mut tx, substitute).await?;
        if !held.iter().any(|held| held.agency == acting.agency && lasts(held, now)) {
            return Err(Failure::invalid(
                "identity.substitute-no-role",
                "Only somebody who has a role of their own in the agency stands in for others. Give them one first.",
            ));
        }
        substitutes::put(&mut tx, acting.agency, absent, substitute, window, now).await?;
        let detail = serde_json::json!({ "for": absent, "from": window.from, "to": window.to });
        self.changed(&mut tx, acting, substitute, "identity.substitute-named", detail).await?;
        self.done(tx, acting, absent).await
    }

    pub async fn end_substitute(
        &self,
        acting: Acting<'_>,
        (absent, substitute): (PersonId, PersonId),
    ) -> Result<Member, Failure> {
        let mut tx = self.act(acting).await?;
        demand_other(acting, substitute)?;
        demand_colleague(&mut tx, acting, absent).await?;
        if substitutes::end(&mut tx, acting.agency, absent, substitute).await? {
            let detail = serde_json::json!({ "for": absent });
            self.changed(&mut tx, acting, substitute, "identity.substitute-ended", detail).await?;
        }
        self.done(tx, acting, absent).await
    }

    /// Nothing of the agency is left to them, and nothing of what they have open as an officer.
    pub async fn end_access(&self, acting: Acting<'_>, person: PersonId) -> Result<Member, Failure> {
        let mut tx = self.act(acting).await?;
        demand_other(acting, person)?;
        demand_colleague(&mut tx, acting, person).await?;
        let now = self.now();
        tx.execute(
            "UPDATE appointments SET to_us = $1 WHERE person = $2 AND agency = $3 AND (to_us IS NULL OR to_us > $1)",
            args![now.micros(), person.to_vec(), acting.agency],
        )
        .await?;
        substitutes::end_all(&mut tx, acting.agency, person).await?;
        if appointments(&mut tx, person).await?.iter().all(|held| !lasts(held, now)) {
            tx.execute("DELETE FROM invitations WHERE person = $1", args![person.to_vec()]).await?;
        }
        sessions::end_as_officer(&mut tx, person, now).await?;
        self.changed(&mut tx, acting, person, "identity.access-ended", serde_json::json!({})).await?;
        self.done(tx, acting, person).await
    }

    /// Of these places, those where few people who can sign in have the role now, themselves or for whom they stand in; and who.
    pub async fn few(&self, places: Vec<Place>) -> Result<Vec<(Place, Vec<PersonId>)>, Failure> {
        let sql = "SELECT o.person FROM officers o JOIN passwords p ON p.account_hash = o.login_hash
                   WHERE o.person IN (
                     SELECT a.person FROM appointments a
                     WHERE a.agency = $1 AND a.role = $2 AND ($3 = '' OR a.office = '' OR a.office = $3)
                       AND a.from_us <= $4 AND (a.to_us IS NULL OR a.to_us > $4)
                     UNION
                     SELECT s.substitute FROM substitutes s JOIN appointments a ON a.person = s.absent AND a.agency = s.agency
                     WHERE s.agency = $1 AND s.from_us <= $4 AND s.to_us > $4
                       AND a.role = $2 AND ($3 = '' OR a.office = '' OR a.office = $3)
                       AND a.from_us <= $4 AND (a.to_us IS NULL OR a.to_us > $4)
                       AND s.substitute IN (SELECT own.person FROM appointments own
                         WHERE own.agency = $1 AND own.from_us <= $4 AND (own.to_us IS NULL OR own.to_us > $4)))
                   ORDER BY o.person LIMIT $5";
        let (now, most) = (self.now(), i64::try_from(FEW + 1).unwrap_or(i64::MAX));
        let mut tx = self.database.read().await?;
        let mut found = Vec::new();
        for place in places {
            let asked = args![&place.agency, &place.role, &place.office, now.micros(), most];
            let rows = tx.fetch_all(sql, asked).await?;
            if rows.len() > FEW {
                continue;
            }
            let mut persons = Vec::new();
            for row in &rows {
                let person = PersonId::from_slice(&row.blob(0)?)?;
                let mut held = appointments(&mut tx, person).await?;
                let lent = substitutes::lent_to(&mut tx, person, &held, now).await?;
                held.extend(lent);
                if held.iter().any(|held| held.is_in_force(now) && place.is_of(held)) {
                    persons.push(person);
                }
            }
            found.push((place, persons));
        }
        Ok(found)
    }

    /// Begins an act of an administrator. Their own row is held until it is committed: of two who end each other one comes too late.
    async fn act(&self, acting: Acting<'_>) -> Result<Tx, Failure> {
        let mut tx = self.database.begin().await?;
        if !acting.officer {
            return self.deny(tx, acting).await;
        }
        let held = tx
            .execute(
                "UPDATE appointments SET role = role WHERE person = $1 AND agency = $2 AND role = $3 AND office = ''
                 AND from_us <= $4 AND (to_us IS NULL OR to_us > $4)",
                args![acting.person.to_vec(), acting.agency, ADMINISTRATOR, self.now().micros()],
            )
            .await?;
        if held == 1 { Ok(tx) } else { self.deny(tx, acting).await }
    }

    async fn deny<T>(&self, mut tx: Tx, acting: Acting<'_>) -> Result<T, Failure> {
        let denied = Record {
            act: "identity.staff-refused",
            actor: Some(acting.person),
            through: acting.through,
            subject: acting.person.to_vec(),
            agency: acting.agency,
            purpose: "",
            detail: serde_json::json!({}),
        };
        record(&mut tx, self.now(), denied).await?;
        tx.commit().await?;
        Err(Failure::forbidden(
            "identity.administrators-only",
            "Only an administrator of the agency sees and changes who serves in it.",
        ))
    }

    /// Says what was done, and ends what is open where nothing is left to open it.
    async fn changed(
        &self,
        tx: &mut Tx,
        acting: Acting<'_>,
        person: PersonId,
        act: &'static str,
        detail: serde_json::Value,
    ) -> Result<(), Failure> {
        let now = self.now();
        let held = appointments(tx, person).await?;
        if !held.iter().any(|held| held.is_in_force(now)) {
            sessions::end_as_officer(tx, person, now).await?;
        }
        let changed = Record {
            act,
            actor: Some(acting.person),
            through: acting.through,
            subject: person.to_vec(),
            agency: acting.agency,
            purpose: "",
            detail,
        };
        record(tx, now, changed).await?;
        self.announce(tx, person, acting.agency).await
    }

    /// Tells whoever goes by roles that somebody's in this agency changed.
    pub(super) async fn announce(&self, tx: &mut Tx, person: PersonId, agency: &str) -> Result<(), Failure> {
        let now = self.now();
        let held = appointments(tx, person).await?;
        let event = AppointmentChanged {
            agency: agency.to_owned(),
            person: person.to_vec(),
            ended: !held.iter().any(|held| held.agency == agency && lasts(held, now)),
        };
        let message = Outgoing {
            message_id: MessageId::new(&*self.clock, &*self.random),
            name: AppointmentChanged::NAME.to_owned(),
            agency: agency.to_owned(),
            case: None,
            time: now,
            body: event.encode_to_vec(),
        };
        Ok(outbox::enqueue(tx, &message).await?)
    }

    async fn done(&self, mut tx: Tx, acting: Acting<'_>, person: PersonId) -> Result<Member, Failure> {
        let member = self.member(&mut tx, acting.agency, person).await?;
        tx.commit().await?;
        Ok(member)
    }

    async fn member(&self, tx: &mut Tx, agency: &str, person: PersonId) -> Result<Member, Failure> {
        let (card, _) = self.card(tx, person).await?.ok_or_else(unknown)?;
        let account = self.account(tx, person).await?.ok_or_else(unknown)?;
        let since = self.now().minus(SHOWN);
        let mut held = appointments(tx, person).await?;
        held.retain(|held| held.agency == agency && lasts(held, since));
        held.sort_by(|one, other| (&one.office, &one.role).cmp(&(&other.office, &other.role)));
        Ok(Member {
            person,
            display_name: card.display_name,
            appointments: held,
            substitutes: self.substitutes_of(tx, agency, person).await?,
            invited: !self.has_password(tx, account).await?,
        })
    }

    /// What the officer signs in with, as a keyed hash.
    async fn account(&self, tx: &mut Tx, person: PersonId) -> Result<Option<Hash>, Failure> {
        let sql = "SELECT login_hash FROM officers WHERE person = $1";
        let row = tx.fetch_optional(sql, args![person.to_vec()]).await?;
        row.map(|row| Hash::from_slice(&row.blob(0)?)).transpose()
    }

    async fn open_account(&self, tx: &mut Tx, person: PersonId, inviting: &Inviting) -> Result<Hash, Failure> {
        let account = self.seals.officer_account(&inviting.login);
        let sql = "SELECT 1 FROM passwords WHERE account_hash = $1 AND person <> $2";
        if tx.fetch_optional(sql, args![account.to_vec(), person.to_vec()]).await?.is_some() {
            return Err(login_taken());
        }
        let card = Card { display_name: inviting.display_name.clone(), totp_secret: Some(new_secret(&*self.random)) };
        self.put_card(tx, person, account, &card).await?;
        Ok(account)
    }
}

fn chosen(mut named: Vec<Named>, whom: Whom) -> Vec<Named> {
    match whom {
        Whom::After(None) => named,
        Whom::After(Some(last)) => {
            let place = named.iter().position(|(_, person, _)| *person == last);
            named.split_off(place.map_or(0, |place| place + 1))
        }
        Whom::Beside(person) => {
            let Some(place) = named.iter().position(|(_, known, _)| *known == person) else { return Vec::new() };
            let own = named.remove(place);
            named.sort_by_key(|(_, _, offices)| offices.is_disjoint(&own.2));
            named.insert(0, own);
            named
        }
    }
}

/// Now or later.
fn lasts(held: &Appointment, after: Time) -> bool {
    held.to.is_none_or(|to| after < to)
}

fn detail(appointment: &Appointment) -> serde_json::Value {
    let Appointment { office, role, from, to, .. } = appointment;
    serde_json::json!({ "office": office, "role": role, "from": from, "to": to })
}

fn demand_other(acting: Acting<'_>, person: PersonId) -> Result<(), Failure> {
    if acting.person == person { Err(own_access()) } else { Ok(()) }
}

/// Whoever never served here is unknown here, whatever they are elsewhere.
async fn demand_colleague(tx: &mut Tx, acting: Acting<'_>, person: PersonId) -> Result<(), Failure> {
    let sql = "SELECT 1 FROM appointments WHERE person = $1 AND agency = $2 LIMIT 1";
    let found = tx.fetch_optional(sql, args![person.to_vec(), acting.agency]).await?;
    found.map(|_| ()).ok_or_else(unknown)
}

fn own_access() -> Failure {
    Failure::forbidden(
        "identity.own-access",
        "Nobody changes their own access. Ask another administrator of your agency.",
    )
}

fn unknown() -> Failure {
    Failure::not_found("identity.officer-unknown", "Nobody of that name serves in this agency.")
}

#[cfg(test)]
mod tests;
