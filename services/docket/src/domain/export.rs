//! A list of acts as a file that anybody reads and nobody changes unseen: CSV (RFC 4180), signed in its last line.

use kernel::{CaseId, Hash, PersonId, Time};
use proto::docket::v1::Act;

/// Stands last in a list that is not whole, and is signed with it: nobody takes it for all that was done.
pub const CUT: &str = "xizmat-cut,older acts are missing: search a shorter period\r\n";
/// Below what one message takes, with its signature.
const BYTES_MAX: usize = 700_000;
const HEADER: &str = "time,chain,sequence,act,agency,actor,officer,service_actor,subject,case,number,service,hash\r\n";

pub struct List {
    pub text: String,
    pub rows: i32,
    /// There were more.
    pub cut: bool,
}

/// As many as a file takes. `more`: there are others than these.
pub fn list(acts: &[Act], more: bool) -> List {
    let mut list = List { text: HEADER.to_owned(), rows: 0, cut: more };
    for act in acts {
        let row = row(act);
        if list.text.len() + row.len() + CUT.len() > BYTES_MAX {
            list.cut = true;
            break;
        }
        list.text.push_str(&row);
        list.rows += 1;
    }
    if list.cut {
        list.text.push_str(CUT);
    }
    list
}

/// The list with the signature over everything before its last line (`xizmat audit verify-export`).
pub fn signed(list: String, time: Time, signature: &str) -> String {
    format!("{list}xizmat-signature,{time},{signature}\r\n")
}

fn row(act: &Act) -> String {
    let person = |id: &[u8]| PersonId::from_slice(id).map(|id| id.to_string()).unwrap_or_default();
    let case = CaseId::from_slice(&act.case_id).map(|id| id.to_string()).unwrap_or_default();
    let hash = Hash::from_slice(&act.hash).map(|hash| hash.to_string()).unwrap_or_default();
    // An id has 16 bytes, a hash 32; nothing else stands there.
    let subject = Hash::from_slice(&act.subject).map_or_else(|_| person(&act.subject), |hash| hash.to_string());
    let fields = [
        Time::from_micros(act.time_us).to_string(),
        act.chain.clone(),
        act.sequence.to_string(),
        act.act.clone(),
        act.agency.clone(),
        person(&act.actor),
        act.actor_name.clone(),
        act.service_actor.clone(),
        subject,
        case,
        act.number.clone(),
        act.service.clone(),
        hash,
    ];
    format!("{}\r\n", fields.map(|field| quoted(&field)).join(","))
}

/// What a spreadsheet would take for a formula stays text.
fn quoted(field: &str) -> String {
    let inert = if field.starts_with(['=', '+', '-', '@']) { format!("'{field}") } else { field.to_owned() };
    if inert.contains([',', '"', '\r', '\n']) { format!("\"{}\"", inert.replace('"', "\"\"")) } else { inert }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(name: &str) -> Act {
        Act {
            chain: "eservice/justice".into(),
            sequence: 7,
            time_us: 1_790_000_000_000_000,
            act: "case.opened".into(),
            agency: "justice".into(),
            actor: vec![1; 16],
            actor_name: name.into(),
            subject: vec![2; 16],
            case_id: vec![2; 16],
            number: "JUS-2026-000001".into(),
            hash: vec![3; 32],
            ..Act::default()
        }
    }

    #[test]
    fn a_name_is_neither_a_column_nor_a_formula() {
        let text = list(&[act("Saparova, \"Gulnara\""), act("=HYPERLINK(1)")], false).text;
        assert!(text.contains(",\"Saparova, \"\"Gulnara\"\"\","), "{text}");
        assert!(text.contains(",'=HYPERLINK(1),"), "{text}");
        assert_eq!(text.lines().count(), 3);
    }

    #[test]
    fn a_file_takes_what_fits_and_says_that_there_is_more() {
        let many = vec![act("Gulnara Saparova"); 5_000];
        let list = list(&many, false);
        assert!(list.cut && list.rows > 1_000 && list.text.len() <= BYTES_MAX, "{}", list.rows);
        assert!(list.text.ends_with(CUT), "whoever has the file alone sees it, too");
        let more = super::list(&many[..1], true);
        assert!(more.cut && more.rows == 1 && more.text.ends_with(CUT));
        assert!(!super::list(&many[..1], false).text.contains(CUT));
        let file = signed(list.text, Time::from_seconds(1_790_000_000), "a..b");
        assert!(file.ends_with("\r\nxizmat-signature,2026-09-21T14:13:20Z,a..b\r\n"));
    }
}
