//! Looks through a week's openings of cases and searches for them, once, and keeps what is unusual.

use kernel::Time;
use proto::docket::v1::Unusual;
use sql::{Error, Tx, args};

use super::search;
use crate::domain::unusual::{
    NIGHT_BEGINS, NIGHT_ENDS, NIGHT_MIN, OUTSIDE_MIN, OUTSIDE_TIMES, SEARCHED_MIN, SHARED_MIN, USUAL_WEEKS, Week, shift,
};

/// What is counted for each officer where it went beyond their own queue: (rule, act, least).
const BEYOND: [(&str, &str, i64); 2] =
    [("outside", "case.opened", OUTSIDE_MIN), ("searched", search::ACT, SEARCHED_MIN)];
const DAY_MICROS: i64 = 86_400_000_000;

pub async fn was_looked_through(tx: &mut Tx, week: Week) -> Result<bool, Error> {
    let known = "SELECT 1 FROM unusual_weeks WHERE week = $1";
    Ok(tx.fetch_optional(known, args![week.begin()]).await?.is_some())
}

/// Finds what is unusual in the week; done again, it changes nothing.
pub async fn look_through(tx: &mut Tx, week: Week) -> Result<(), Error> {
    for counted in BEYOND {
        beyond(tx, week, counted).await?;
    }
    shared(tx, week).await?;
    night(tx, week).await?;
    let looked = "INSERT INTO unusual_weeks (week) VALUES ($1) ON CONFLICT (week) DO NOTHING";
    tx.execute(looked, args![week.begin()]).await?;
    Ok(())
}

/// Who did it more often from outside their own queue than they otherwise do.
async fn beyond(tx: &mut Tx, week: Week, (rule, act, least): (&str, &str, i64)) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO unusual (week, rule, agency, person, times, usual)
         SELECT $1, $7, this.agency, this.actor, this.times, (COALESCE(earlier.times, 0) + $4 - 1) / $4
         FROM (SELECT agency, actor, COUNT(*) AS times FROM acts
               WHERE act = $8 AND outside = 1 AND actor IS NOT NULL AND time >= $1 AND time < $2
               GROUP BY agency, actor) AS this
         LEFT JOIN (SELECT agency, actor, COUNT(*) AS times FROM acts
               WHERE act = $8 AND outside = 1 AND actor IS NOT NULL AND time >= $3 AND time < $1
               GROUP BY agency, actor) AS earlier ON earlier.agency = this.agency AND earlier.actor = this.actor
         WHERE this.times >= $5 AND this.times * $4 > $6 * COALESCE(earlier.times, 0)
         ON CONFLICT (week, rule, agency, person) DO NOTHING",
        args![week.begin(), week.end(), week.before(USUAL_WEEKS).begin(), USUAL_WEEKS, least, OUTSIDE_TIMES, rule, act],
    )
    .await?;
    Ok(())
}

/// Whose cases officers of several offices opened.
async fn shared(tx: &mut Tx, week: Week) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO unusual (week, rule, agency, person, times, usual)
         SELECT $1, 'shared', CASE WHEN COUNT(DISTINCT acts.agency) = 1 THEN MIN(acts.agency) ELSE '' END,
                entries.applicant, COUNT(DISTINCT acts.actor), 0
         FROM acts JOIN entries ON entries.case_id = acts.case_id
         WHERE acts.act = 'case.opened' AND acts.actor IS NOT NULL AND acts.time >= $1 AND acts.time < $2
         GROUP BY entries.applicant
         HAVING COUNT(DISTINCT acts.actor) >= $3 AND COUNT(DISTINCT acts.agency || '/' || acts.office) >= $3
         ON CONFLICT (week, rule, agency, person) DO NOTHING",
        args![week.begin(), week.end(), SHARED_MIN],
    )
    .await?;
    Ok(())
}

/// Who opened cases between ten in the evening and six in the morning.
async fn night(tx: &mut Tx, week: Week) -> Result<(), Error> {
    let (begins, ends) = (NIGHT_BEGINS * 1_000_000, NIGHT_ENDS * 1_000_000);
    tx.execute(
        "INSERT INTO unusual (week, rule, agency, person, times, usual)
         SELECT $1, 'night', agency, actor, COUNT(*), 0 FROM acts
         WHERE act = 'case.opened' AND actor IS NOT NULL AND time >= $1 AND time < $2
           AND ((time + $3) % $4 >= $5 OR (time + $3) % $4 < $6)
         GROUP BY agency, actor HAVING COUNT(*) >= $7
         ON CONFLICT (week, rule, agency, person) DO NOTHING",
        args![week.begin(), week.end(), shift(), DAY_MICROS, begins, ends, NIGHT_MIN],
    )
    .await?;
    Ok(())
}

/// What was found in a week, most first; `agencies`: whose, None: everybody's.
pub async fn of_week(tx: &mut Tx, week: Time, agencies: Option<&[String]>) -> Result<Vec<Unusual>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT rule, agency, person, times, usual FROM unusual WHERE week = $1 ORDER BY times DESC, person",
            args![week],
        )
        .await?;
    let mut found = Vec::new();
    for row in &rows {
        let agency = row.text(1)?;
        if agencies.is_none_or(|agencies| agencies.contains(&agency)) {
            let (rule, name) = (row.text(0)?, String::new());
            found.push(Unusual { rule, agency, person: row.blob(2)?, name, count: row.int(3)?, usual: row.int(4)? });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use proto::{AuditRow, CaseRef, eservice::v1::CaseChanged};

    use super::*;
    use crate::store::{MIGRATIONS, acts, index};

    /// Openings and searches in one week, at noon in Tashkent unless another hour is said.
    struct Openings {
        tx: Tx,
        sequence: i64,
    }

    impl Openings {
        async fn by(&mut self, officer: u8, case: u8, office: &str, outside: bool, at: Time) {
            let detail = serde_json::json!({"office": office, "reasoned": outside});
            self.acted(("eservice", "case.opened"), officer, case, detail, at).await;
        }

        async fn searched(&mut self, officer: u8, outside: bool, at: Time) {
            let detail = serde_json::json!({"kind": "pinfl", "cases": [], "reasoned": outside});
            self.acted(("docket", search::ACT), officer, 60, detail, at).await;
        }

        async fn acted(
            &mut self,
            (chain, act): (&str, &str),
            officer: u8,
            subject: u8,
            detail: serde_json::Value,
            at: Time,
        ) {
            self.sequence += 1;
            let row = AuditRow {
                sequence: self.sequence,
                time_us: at.micros(),
                act: act.into(),
                agency: "justice".into(),
                actor: vec![officer; 16],
                subject: vec![subject; 16],
                detail: detail.to_string(),
                hash: self.sequence.to_be_bytes().repeat(4),
                ..AuditRow::default()
            };
            acts::add(&mut self.tx, chain, &row).await.unwrap();
        }
    }

    fn hours(week: Week, hours: i64) -> Time {
        Time::from_seconds(week.begin().seconds() + hours * 3600)
    }

    #[tokio::test]
    async fn what_is_unusual_in_a_week_is_found_and_what_is_usual_is_not() {
        let week = Week::of(Time::from_seconds(1_790_000_000));
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut openings = Openings { tx: database.begin().await.unwrap(), sequence: 0 };
            for case in 1..=3 {
                let of = CaseRef { case_id: vec![case; 16], agency: "justice".into(), ..CaseRef::default() };
                let told =
                    CaseChanged { case: Some(of), applicant: vec![99; 16], version: 1, ..CaseChanged::default() };
                index::apply(&mut openings.tx, &told).await.unwrap();
            }
            for _ in 0..10 {
                // Ten, and never before; ten, as in the week before.
                openings.by(1, 50, "nukus", true, hours(week, 12)).await;
                openings.by(2, 51, "nukus", true, hours(week, 12)).await;
                openings.by(2, 51, "nukus", true, hours(week.before(1), 12)).await;
                openings.by(2, 51, "nukus", true, hours(week.before(2), 12)).await;
                openings.by(3, 52, "nukus", false, hours(week, 12)).await;
            }
            for (officer, office) in [(4, "nukus"), (5, "khiva"), (6, "samarkand")] {
                openings.by(officer, 1, office, false, hours(week, 36)).await;
                // As many officers, of one office.
                openings.by(officer, 53, "nukus", false, hours(week, 36)).await;
            }
            for night in [5, 22, 24 + 23] {
                openings.by(7, 54, "nukus", false, hours(week, night)).await;
                openings.by(8, 54, "nukus", false, hours(week, night + 24 * 7)).await;
            }
            for number in 0..20 {
                // Twenty, and never before; within the own queue; nineteen.
                openings.searched(9, true, hours(week, 12)).await;
                openings.searched(10, false, hours(week, 12)).await;
                openings.searched(11, number > 0, hours(week, 12)).await;
            }
            look_through(&mut openings.tx, week).await.unwrap();
            look_through(&mut openings.tx, week).await.unwrap();
            assert!(was_looked_through(&mut openings.tx, week).await.unwrap());
            let mut found = of_week(&mut openings.tx, week.begin(), None).await.unwrap();
            found.sort_by(|one, other| one.rule.cmp(&other.rule));
            let told: Vec<(&str, u8, i64, i64)> =
                found.iter().map(|one| (one.rule.as_str(), one.person[0], one.count, one.usual)).collect();
            let expected = [("night", 7, 3, 0), ("outside", 1, 10, 0), ("searched", 9, 20, 0), ("shared", 99, 3, 0)];
            assert_eq!(told, expected, "{engine}");
            let others = ["health".to_owned()];
            assert!(of_week(&mut openings.tx, week.begin(), Some(&others)).await.unwrap().is_empty(), "{engine}");
        }
    }
}
