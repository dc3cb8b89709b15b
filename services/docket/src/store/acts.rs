//! Acts as they were read from the services' chains.

use kernel::{CaseId, Failure, Hash};
use proto::{AuditRow, KnownSeal, docket::v1::Act};
use serde_json::Value as Json;
use sql::{AssertSqlSafe, Error, Row, ToValue, Tx, Value, args};

use crate::domain::auditor::Place;

/// The chains whose acts are about cases.
const CASES: &str = "eservice";
const OPENED: &str = "case.opened";
const ERASED: &str = "case.key-destroyed";

/// How far a chain was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub sequence: i64,
    /// Of the act there: what comes next has to follow from it.
    pub hash: Hash,
}

impl Position {
    pub fn start() -> Self {
        Self { sequence: 0, hash: Hash::of(b"") }
    }
}

pub async fn position(tx: &mut Tx, chain: &str) -> Result<Position, Error> {
    let row = tx.fetch_optional("SELECT sequence, hash FROM act_chains WHERE chain = $1", args![chain]).await?;
    row.map_or(Ok(Position::start()), |row| {
        Ok(Position { sequence: row.int(0)?, hash: row.parsed(1, Hash::from_slice)? })
    })
}

/// Moves the position from where it was read; the first break of a chain stays known. False: somebody else moved it meanwhile.
pub async fn advance(
    tx: &mut Tx,
    chain: &str,
    from: Position,
    to: Position,
    broken: Option<i64>,
) -> Result<bool, Error> {
    let moved = tx
        .execute(
            "INSERT INTO act_chains (chain, sequence, hash, broken) VALUES ($1, $2, $3, $4)
             ON CONFLICT (chain) DO UPDATE SET sequence = $2, hash = $3, broken = COALESCE(act_chains.broken, $4)
             WHERE act_chains.sequence = $5 AND act_chains.hash = $6",
            args![chain, to.sequence, to.hash, broken, from.sequence, from.hash],
        )
        .await?;
    Ok(moved == 1)
}

/// Chains that were changed after they were read.
pub async fn broken(tx: &mut Tx) -> Result<Vec<String>, Error> {
    let rows = tx.fetch_all("SELECT chain FROM act_chains WHERE broken IS NOT NULL", args![]).await?;
    let mut chains = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>, _>>()?;
    chains.sort();
    Ok(chains)
}

pub async fn add(tx: &mut Tx, chain: &str, row: &AuditRow) -> Result<(), Failure> {
    let detail: Json = serde_json::from_str(&row.detail).unwrap_or_default();
    let some = |bytes: &Vec<u8>| Some(bytes.clone()).filter(|bytes| !bytes.is_empty());
    let is_look = row.act == OPENED;
    let office = detail["office"].as_str().filter(|_| is_look).unwrap_or_default();
    let case = case_of(chain, row, &detail);
    tx.execute(
        "INSERT INTO acts (chain, sequence, hash, time, act, agency, actor, service_actor, subject, case_id, office, outside,
                           has_purpose)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT (chain, sequence, hash) DO UPDATE SET outside = excluded.outside",
        args![
            chain,
            row.sequence,
            &row.hash,
            row.time_us,
            &row.act,
            &row.agency,
            some(&row.actor),
            &row.service_actor,
            some(&row.subject),
            case,
            office,
            (is_look || row.act == super::search::ACT) && detail["reasoned"] == true,
            row.has_purpose
        ],
    )
    .await?;
    if let Some(case) = case.filter(|_| row.act == ERASED && is_of_cases(chain)) {
        keep_number(tx, case, detail["number"].as_str().unwrap_or_default()).await?;
    }
    for case in detail["cases"].as_array().into_iter().flatten().filter_map(case_named) {
        tx.execute(
            "INSERT INTO act_cases (case_id, act)
             SELECT $1, id FROM acts WHERE chain = $2 AND sequence = $3 AND hash = $4
             ON CONFLICT (case_id, act) DO NOTHING",
            args![case, chain, row.sequence, &row.hash],
        )
        .await?;
    }
    Ok(())
}

/// What was done to an erased case is found by its number, which is printed on what it issued; a draft never had one.
async fn keep_number(tx: &mut Tx, case: CaseId, number: &str) -> Result<(), Error> {
    if number.is_empty() {
        return Ok(());
    }
    let kept = "INSERT INTO erased_numbers (case_id, number) VALUES ($1, $2) ON CONFLICT (case_id) DO NOTHING";
    tx.execute(kept, args![case, number]).await?;
    Ok(())
}

/// The case that an act is about: an e-service's own, or the one that another service wrote down.
fn case_of(chain: &str, row: &AuditRow, detail: &Json) -> Option<CaseId> {
    if is_of_cases(chain) {
        return CaseId::from_slice(&row.subject).ok();
    }
    case_named(&detail["case"])
}

fn is_of_cases(chain: &str) -> bool {
    chain.split('/').next() == Some(CASES)
}

fn case_named(named: &Json) -> Option<CaseId> {
    named.as_str()?.parse().ok()
}

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Sought {
    /// None: every agency's.
    pub agencies: Option<Vec<String>>,
    /// Who did it or whom it was about: in a case its applicant, who acts for them, whoever is or was asked, and whom it names as what it
    /// is about.
    pub person: Option<Vec<u8>>,
    pub actor: Option<Vec<u8>>,
    pub number: String,
    pub act: String,
    /// In microseconds; 0: open.
    pub from: i64,
    /// Exclusive.
    pub until: i64,
}

/// A statement's conditions with their arguments.
#[derive(Default)]
struct Conditions {
    sql: String,
    arguments: Vec<Value>,
}

impl Conditions {
    /// `?` stands for the one value, wherever it comes.
    fn and(&mut self, condition: &str, value: impl ToValue) {
        let place = self.place(value);
        self.push(&condition.replace('?', &place));
    }

    fn any(&mut self, column: &str, values: &[String]) {
        let places: Vec<String> = values.iter().map(|value| self.place(value)).collect();
        // None at all: nothing fits.
        let list = if places.is_empty() { "NULL".to_owned() } else { places.join(", ") };
        self.push(&format!("{column} IN ({list})"));
    }

    fn place(&mut self, value: impl ToValue) -> String {
        self.arguments.push(value.to_value());
        format!("${}", self.arguments.len())
    }

    fn push(&mut self, condition: &str) {
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(condition);
    }
}

fn conditions(sought: &Sought) -> Conditions {
    let mut conditions = Conditions::default();
    if let Some(agencies) = &sought.agencies {
        conditions.any("acts.agency", agencies);
    }
    if let Some(person) = &sought.person {
        let cases = of_cases(
            "SELECT case_id FROM entries WHERE applicant = ? OR representative = ?
             UNION SELECT case_id FROM asked WHERE person = ?
             UNION SELECT case_id FROM subjects WHERE person = ?",
        );
        conditions.and(&format!("(acts.subject = ? OR acts.actor = ? OR {cases})"), person);
    }
    if let Some(actor) = &sought.actor {
        conditions.and("acts.actor = ?", actor);
    }
    if !sought.number.is_empty() {
        let cases = of_cases(
            "SELECT case_id FROM entries WHERE number = ?
             UNION SELECT case_id FROM erased_numbers WHERE number = ?",
        );
        conditions.and(&cases, &sought.number);
    }
    if !sought.act.is_empty() {
        conditions.and("acts.act = ?", &sought.act);
    }
    if sought.from > 0 {
        conditions.and("acts.time >= ?", sought.from);
    }
    if sought.until > 0 {
        conditions.and("acts.time < ?", sought.until);
    }
    conditions
}

/// Acts about the cases, and those that are about several of them.
fn of_cases(cases: &str) -> String {
    format!("(acts.case_id IN ({cases}) OR acts.id IN (SELECT act FROM act_cases WHERE case_id IN ({cases})))")
}

const COLUMNS: &str =
    "SELECT acts.chain, acts.sequence, acts.time, acts.act, acts.agency, acts.actor, acts.service_actor,
        acts.subject, acts.case_id, COALESCE(entries.number, erased_numbers.number), entries.service, acts.has_purpose,
        acts.hash, acts.id
    FROM acts LEFT JOIN entries ON entries.case_id = acts.case_id
        LEFT JOIN erased_numbers ON erased_numbers.case_id = acts.case_id";

/// Acts after a place, the newest first.
pub async fn search(tx: &mut Tx, sought: &Sought, after: Place, limit: i64) -> Result<Vec<(Place, Act)>, Error> {
    let mut conditions = conditions(sought);
    if after != Place::start() {
        let (time, id) = (conditions.place(after.time), conditions.place(after.id));
        conditions.push(&format!("(acts.time < {time} OR (acts.time = {time} AND acts.id < {id}))"));
    }
    let limit = conditions.place(limit);
    let Conditions { sql, arguments } = conditions;
    let statement = format!("{COLUMNS}{sql} ORDER BY acts.time DESC, acts.id DESC LIMIT {limit}");
    let rows = tx.fetch_all(AssertSqlSafe(statement), arguments).await?;
    rows.iter().map(act).collect()
}

/// One act, if it is among what is looked for.
pub async fn one(
    tx: &mut Tx,
    sought: &Sought,
    (chain, sequence, hash): (&str, i64, &[u8]),
) -> Result<Option<Act>, Error> {
    let mut conditions = conditions(sought);
    conditions.and("acts.chain = ?", chain);
    conditions.and("acts.sequence = ?", sequence);
    conditions.and("acts.hash = ?", hash);
    let Conditions { sql, arguments } = conditions;
    let row = tx.fetch_optional(AssertSqlSafe(format!("{COLUMNS}{sql}")), arguments).await?;
    Ok(row.map(|row| act(&row)).transpose()?.map(|(_, act)| act))
}

/// Seals of whose withdrawal signing's chain told: a restored signing may have forgotten it.
pub async fn withdrawn_seals(tx: &mut Tx) -> Result<Vec<KnownSeal>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT DISTINCT agency, subject FROM acts
             WHERE chain = 'signing' AND act = 'seal.withdrawn' AND subject IS NOT NULL ORDER BY agency, subject",
            args![],
        )
        .await?;
    rows.iter().map(|row| Ok(KnownSeal { agency: row.text(0)?, serial: row.blob(1)? })).collect()
}

fn act(row: &Row) -> Result<(Place, Act), Error> {
    let act = Act {
        chain: row.text(0)?,
        sequence: row.int(1)?,
        time_us: row.int(2)?,
        act: row.text(3)?,
        agency: row.text(4)?,
        actor: row.opt_blob(5)?.unwrap_or_default(),
        service_actor: row.text(6)?,
        subject: row.opt_blob(7)?.unwrap_or_default(),
        case_id: row.opt_blob(8)?.unwrap_or_default(),
        number: row.opt_text(9)?.unwrap_or_default(),
        service: row.opt_text(10)?.unwrap_or_default(),
        has_purpose: row.bool(11)?,
        hash: row.blob(12)?,
        ..Act::default()
    };
    Ok((Place { time: act.time_us, id: row.int(13)? }, act))
}

#[cfg(test)]
mod tests {
    use proto::{
        CaseRef,
        eservice::v1::{AskedParty, CaseChanged},
    };
    use sql::Database;

    use super::*;
    use crate::store::{MIGRATIONS, index};

    const CITIZEN: [u8; 16] = [5; 16];
    const OFFICER: [u8; 16] = [6; 16];
    const OWNER: [u8; 16] = [7; 16];
    const CHILD: [u8; 16] = [4; 16];
    const NUMBER: &str = "JUS-2026-000001";

    fn row(sequence: i64, act: &str, agency: &str, case: u8) -> AuditRow {
        AuditRow {
            sequence,
            time_us: 1_000 * sequence,
            act: act.into(),
            agency: agency.into(),
            actor: OFFICER.to_vec(),
            subject: vec![case; 16],
            detail: r#"{"office":"nukus","reasoned":true}"#.into(),
            has_purpose: true,
            commitment: vec![1; 32],
            hash: vec![u8::try_from(sequence).unwrap(); 32],
            ..AuditRow::default()
        }
    }

    /// A citizen's case about a child, in which the owner of a dwelling was asked.
    async fn begun(database: &Database) {
        let case =
            CaseRef { case_id: vec![1; 16], agency: "justice".into(), service: "copy".into(), ..CaseRef::default() };
        let asked = AskedParty { person: OWNER.to_vec(), state: "declined".into(), ..AskedParty::default() };
        let told = CaseChanged {
            case: Some(case),
            number: NUMBER.into(),
            applicant: CITIZEN.to_vec(),
            version: 1,
            asked: vec![asked],
            subjects: vec![CHILD.to_vec()],
            ..CaseChanged::default()
        };
        let mut tx = database.begin().await.unwrap();
        index::apply(&mut tx, &told).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn added(database: &Database, chain: &str, rows: &[AuditRow]) {
        let mut tx = database.begin().await.unwrap();
        for row in rows {
            add(&mut tx, chain, row).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    async fn found(database: &Database, sought: &Sought) -> Vec<i64> {
        let mut tx = database.read().await.unwrap();
        let found = search(&mut tx, sought, Place::start(), 50).await.unwrap();
        found.into_iter().map(|(_, act)| act.sequence).collect()
    }

    #[tokio::test]
    async fn acts_are_found_by_person_officer_case_and_period_and_only_in_the_agencies_that_were_asked_for() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            begun(&database).await;
            let opened = [row(1, "case.opened", "justice", 1), row(2, "case.opened", "health", 2)];
            added(&database, "eservice", &opened).await;
            let mut signed_in = row(3, "identity.signed-in", "", 9);
            (signed_in.actor, signed_in.subject) = (CITIZEN.to_vec(), CITIZEN.to_vec());
            let mut issued = row(4, "document.issued", "justice", 8);
            issued.detail = format!(r#"{{"case":"{}"}}"#, CaseId::from_bytes([1; 16]));
            added(&database, "identity", &[signed_in]).await;
            added(&database, "signing", &[issued]).await;
            let mut searched = row(5, "docket.searched", "justice", 7);
            let found_by_it = [9, 1].map(|case| CaseId::from_bytes([case; 16]));
            searched.detail = serde_json::json!({ "cases": found_by_it }).to_string();
            added(&database, "docket", &[searched.clone(), searched]).await;
            let everything = Sought::default();
            assert_eq!(found(&database, &everything).await, [5, 4, 3, 2, 1], "{engine}");
            let of = |agencies: &[&str]| -> Option<Vec<String>> {
                Some(agencies.iter().map(|agency| (*agency).to_owned()).collect())
            };
            let own = Sought { agencies: of(&["justice"]), ..everything.clone() };
            assert_eq!(found(&database, &own).await, [5, 4, 1], "{engine}");
            assert!(found(&database, &Sought { agencies: of(&[]), ..everything.clone() }).await.is_empty());
            let person = Sought { person: Some(CITIZEN.to_vec()), ..everything.clone() };
            let told = found(&database, &person).await;
            assert_eq!(told, [5, 4, 3, 1], "{engine}: what was about them, what found them, and what they did");
            let officer = Sought { actor: Some(OFFICER.to_vec()), from: 2_000, until: 4_000, ..everything.clone() };
            assert_eq!(found(&database, &officer).await, [2], "{engine}");
            let number = Sought { number: NUMBER.into(), ..everything.clone() };
            assert_eq!(found(&database, &number).await, [5, 4, 1], "{engine}");
            let opened = Sought { act: "case.opened".into(), ..number };
            assert_eq!(found(&database, &opened).await, [1], "{engine}");
            let mut tx = database.begin().await.unwrap();
            let place = ("eservice", 1, [1_u8; 32].as_slice());
            let one_of = one(&mut tx, &own, place).await.unwrap().unwrap();
            assert_eq!((one_of.number.as_str(), one_of.service.as_str()), (NUMBER, "copy"), "{engine}");
            let other = Sought { agencies: of(&["health"]), ..everything.clone() };
            assert!(one(&mut tx, &other, place).await.unwrap().is_none(), "{engine}");
            index::clear(&mut tx).await.unwrap();
            tx.commit().await.unwrap();
            assert!(found(&database, &everything).await.is_empty(), "{engine}: it is built anew");
        }
    }

    #[tokio::test]
    async fn whoever_was_asked_in_somebody_elses_case_and_whom_it_is_about_are_found_by_what_was_done_to_it() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            begun(&database).await;
            let opened = [row(1, "case.opened", "justice", 1), row(2, "case.opened", "justice", 2)];
            added(&database, "eservice", &opened).await;
            let mut searched = row(3, "docket.searched", "justice", 7);
            searched.detail = serde_json::json!({ "cases": [CaseId::from_bytes([1; 16])] }).to_string();
            added(&database, "docket", &[searched]).await;
            for person in [OWNER, CHILD] {
                let of_them = Sought { person: Some(person.to_vec()), ..Sought::default() };
                assert_eq!(found(&database, &of_them).await, [3, 1], "{engine}: {person:?}");
            }
            let stranger = Sought { person: Some(vec![8; 16]), ..Sought::default() };
            assert!(found(&database, &stranger).await.is_empty(), "{engine}");
        }
    }

    #[tokio::test]
    async fn what_was_done_to_an_erased_case_is_found_by_its_number_and_no_longer_by_whose_it_was() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            begun(&database).await;
            let mut erased = row(2, "case.key-destroyed", "justice", 1);
            erased.detail = serde_json::json!({ "cause": "retention", "number": NUMBER }).to_string();
            // What another service says of a number is not believed, and a draft has none.
            let mut foreign = row(9, "case.key-destroyed", "justice", 9);
            foreign.detail = serde_json::json!({ "case": CaseId::from_bytes([2; 16]), "number": NUMBER }).to_string();
            let mut draft = row(3, "case.key-destroyed", "justice", 3);
            draft.detail = serde_json::json!({ "cause": "discarded", "number": "" }).to_string();
            added(&database, "eservice/justice", &[row(1, "case.opened", "justice", 1), erased, draft]).await;
            added(&database, "portal", &[foreign]).await;
            let mut tx = database.begin().await.unwrap();
            index::erase(&mut tx, &[1; 16]).await.unwrap();
            tx.commit().await.unwrap();
            let number = Sought { number: NUMBER.into(), ..Sought::default() };
            assert_eq!(found(&database, &number).await, [2, 1], "{engine}");
            let mut tx = database.read().await.unwrap();
            let told = search(&mut tx, &number, Place::start(), 50).await.unwrap();
            assert!(told.iter().all(|(_, act)| act.number == NUMBER && act.service.is_empty()), "{engine}");
            drop(tx);
            for person in [CITIZEN, OWNER, CHILD] {
                let of = Sought { person: Some(person.to_vec()), ..Sought::default() };
                assert!(found(&database, &of).await.is_empty(), "{engine}");
            }
            let other = Sought { agencies: Some(vec!["health".into()]), ..number };
            assert!(found(&database, &other).await.is_empty(), "{engine}");
        }
    }

    #[tokio::test]
    async fn a_withdrawn_seal_is_remembered_from_signings_own_chain_only() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let acts = [(1, "seal.doubted", 1), (2, "seal.withdrawn", 2), (3, "seal.withdrawn", 2)];
            added(&database, "signing", &acts.map(|(at, act, seal)| row(at, act, "justice", seal))).await;
            added(&database, "portal", &[row(1, "seal.withdrawn", "justice", 4)]).await;
            let mut tx = database.read().await.unwrap();
            let known = KnownSeal { agency: "justice".into(), serial: vec![2; 16] };
            assert_eq!(withdrawn_seals(&mut tx).await.unwrap(), [known], "{engine}");
        }
    }

    #[tokio::test]
    async fn acts_are_read_page_by_page_and_the_same_row_is_indexed_once() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let rows: Vec<AuditRow> =
                (1..=5).map(|number| AuditRow { time_us: 7, ..row(number, "x", "", 1) }).collect();
            added(&database, "register", &rows).await;
            added(&database, "register", &rows).await;
            let mut tx = database.read().await.unwrap();
            let (mut seen, mut after) = (Vec::new(), Place::start());
            for expected in [2, 2, 1, 0] {
                let page = search(&mut tx, &Sought::default(), after, 2).await.unwrap();
                assert_eq!(page.len(), expected, "{engine}");
                seen.extend(page.iter().map(|(_, act)| act.sequence));
                after = page.last().map_or(after, |(place, _)| *place);
            }
            assert_eq!(seen, [5, 4, 3, 2, 1], "{engine}");
        }
    }

    #[tokio::test]
    async fn a_position_moves_only_from_where_it_was_read_and_a_break_is_remembered() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let at = |sequence: i64| Position { sequence, hash: Hash::of(&sequence.to_be_bytes()) };
            let mut tx = database.begin().await.unwrap();
            let start = position(&mut tx, "signing").await.unwrap();
            assert!(advance(&mut tx, "signing", start, at(3), Some(2)).await.unwrap(), "{engine}");
            assert!(!advance(&mut tx, "signing", start, at(4), None).await.unwrap(), "{engine}");
            assert!(advance(&mut tx, "signing", at(3), at(4), None).await.unwrap(), "{engine}");
            assert_eq!(position(&mut tx, "signing").await.unwrap(), at(4), "{engine}");
            assert_eq!(broken(&mut tx).await.unwrap(), ["signing"], "{engine}");
        }
    }
}
