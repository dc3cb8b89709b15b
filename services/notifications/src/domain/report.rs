//! What a report about a letter says (RFC 3462, 3464). Anybody may send one: it is read within bounds and without recursion.

/// Reports are short: only the head of the letter is asked for with them.
pub const BYTES_MAX: usize = 256 * 1024;
/// RFC 2046, 5.1.1.
const BOUNDARY_MAX: usize = 70;

/// The worse, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Report {
    /// Its server still tries.
    Delayed,
    /// It did not arrive and will not.
    Failed {
        /// The next letter to this address will not arrive, either.
        lasting: bool,
    },
}

type Fields = Vec<(String, String)>;

/// `None`: it is no report, such as an automatic reply, or says nothing that matters.
pub fn read(raw: &[u8]) -> Option<Report> {
    if raw.len() > BYTES_MAX {
        return None;
    }
    let text = String::from_utf8_lossy(raw);
    let mut lines = text.lines();
    let head = fields(&mut lines);
    let (kind, parameters) = content_type(field(&head, "content-type")?);
    let report = kind == "multipart/report"
        && field(&parameters, "report-type").is_some_and(|kind| kind.eq_ignore_ascii_case("delivery-status"));
    let boundary = field(&parameters, "boundary").filter(|_| report)?;
    if boundary.is_empty() || boundary.len() > BOUNDARY_MAX {
        return None;
    }
    let (next, end) = (format!("--{boundary}"), format!("--{boundary}--"));
    let mut part: Vec<&str> = Vec::new();
    for line in lines.skip_while(|line| line.trim_end() != next).skip(1) {
        let line_end = line.trim_end();
        if line_end != next && line_end != end {
            part.push(line);
            continue;
        }
        let found = of_part(&part);
        if found.is_some() || line_end == end {
            return found;
        }
        part.clear();
    }
    of_part(&part)
}

/// Only the part for machines counts; what is within another part is not looked into.
fn of_part(part: &[&str]) -> Option<Report> {
    let mut lines = part.iter().copied();
    let head = fields(&mut lines);
    let (kind, _) = content_type(field(&head, "content-type")?);
    let encoding = field(&head, "content-transfer-encoding").unwrap_or("7bit").to_ascii_lowercase();
    if !matches!(kind.as_str(), "message/delivery-status" | "message/global-delivery-status")
        || !matches!(encoding.as_str(), "7bit" | "8bit" | "binary")
    {
        return None;
    }
    let rest: Vec<&str> = lines.collect();
    let groups = rest.split(|line| line.trim().is_empty());
    groups.filter_map(|group| of_recipient(&fields(&mut group.iter().copied()))).max()
}

fn of_recipient(group: &[(String, String)]) -> Option<Report> {
    let action = field(group, "action")?.split_whitespace().next()?.to_ascii_lowercase();
    match action.as_str() {
        "failed" => Some(Report::Failed { lasting: field(group, "status").is_some_and(is_lasting) }),
        "delayed" => Some(Report::Delayed),
        _ => None,
    }
}

/// RFC 3463: class 5 is final. What subjects 6 and 7 complain of, content and policy, is not the address.
fn is_lasting(status: &str) -> bool {
    let mut parts = status.split_whitespace().next().unwrap_or_default().split('.');
    parts.next() == Some("5") && parts.next().is_some_and(|subject| !matches!(subject, "6" | "7"))
}

/// Up to an empty line; names in small letters, continued lines joined (RFC 5322, 2.2.3).
fn fields<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Fields {
    let mut fields: Fields = Vec::new();
    for line in lines.take_while(|line| !line.trim().is_empty()) {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    fields
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// `type/subtype; name=value; name="quoted; value"` (RFC 2045, 5.1).
fn content_type(value: &str) -> (String, Fields) {
    let mut quoted = false;
    let mut parts = value.split(|letter: char| {
        quoted ^= letter == '"';
        letter == ';' && !quoted
    });
    let kind = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let parameters = parts
        .filter_map(|part| part.split_once('='))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"').to_owned()));
    (kind, parameters.collect())
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// As Postfix writes one.
    pub fn report(action: &str, status: &str) -> String {
        format!(
            "From: MAILER-DAEMON@mail.example.uz\r\nSubject: Undelivered Mail\r\nAuto-Submitted: auto-replied\r\n\
             MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n\
             \tboundary=\"A.1/mail.example.uz\"\r\n\r\nThis is a MIME-encapsulated message.\r\n\r\n\
             --A.1/mail.example.uz\r\nContent-Type: text/plain; charset=koi8-u\r\n\r\n\
             Action: failed\r\nStatus: 5.1.1\r\n\r\n--A.1/mail.example.uz\r\n\
             Content-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n\
             Reporting-MTA: dns; mail.example.uz\r\n\r\n\
             Final-Recipient: rfc822; a@example.uz\r\nAction: {action}\r\nStatus: {status}\r\n\
             Diagnostic-Code: smtp; 550 5.1.1 <a@example.uz>:\r\n    no such mailbox\r\n\r\n\
             --A.1/mail.example.uz\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\n\r\n\
             --A.1/mail.example.uz--\r\n"
        )
    }

    fn judged(action: &str, status: &str) -> Option<Report> {
        read(report(action, status).as_bytes())
    }

    #[test]
    fn a_report_says_whether_a_letter_failed_and_whether_the_next_one_will() {
        assert_eq!(judged("failed", "5.1.1"), Some(Report::Failed { lasting: true }));
        assert_eq!(judged("Failed (for good)", "5.2.2 (mailbox full)"), Some(Report::Failed { lasting: true }));
        assert_eq!(judged("failed", "4.4.7"), Some(Report::Failed { lasting: false }), "its server gave up");
        assert_eq!(judged("failed", "5.7.1"), Some(Report::Failed { lasting: false }), "not the address's fault");
        assert_eq!(judged("failed", "none"), Some(Report::Failed { lasting: false }));
        assert_eq!(judged("delayed", "4.4.1"), Some(Report::Delayed));
        for nothing in ["delivered", "relayed", "expanded", "", "failedish"] {
            assert_eq!(judged(nothing, "5.1.1"), None, "{nothing}");
        }
    }

    #[test]
    fn the_worst_of_several_recipients_counts_and_bare_line_ends_do() {
        let several = report("delayed", "4.4.1\r\n\r\nAction: failed\r\nStatus: 5.1.1");
        assert_eq!(read(several.as_bytes()), Some(Report::Failed { lasting: true }));
        assert_eq!(read(several.replace("\r\n", "\n").as_bytes()), Some(Report::Failed { lasting: true }));
    }

    #[test]
    fn what_is_no_report_says_nothing() {
        let whole = report("failed", "5.1.1");
        let no_reports = [
            whole.replace("multipart/report", "multipart/mixed"),
            whole.replace("report-type=delivery-status", "report-type=disposition-notification"),
            whole.replace("message/delivery-status", "text/plain"),
            whole.replace("Content-Description: Delivery report", "Content-Transfer-Encoding: base64"),
            whole.replace("boundary=", "border="),
            whole.replace("\"A.1/mail.example.uz\"", "\"\""),
            "Subject: I am on holiday\r\nAuto-Submitted: auto-replied\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n"
                .into(),
            String::new(),
        ];
        for none in no_reports {
            assert_eq!(read(none.as_bytes()), None, "{none}");
        }
    }

    #[test]
    fn a_hostile_report_costs_no_more_than_its_length() {
        let whole = report("failed", "5.1.1");
        // Reports within reports, none of which is the letter's own.
        let nested = "--b\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n";
        let head = "Content-Type: multipart/report; report-type=delivery-status; boundary=a\r\n\r\n--a\r\n";
        let deep = format!("{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n{}{whole}", nested.repeat(2_000));
        assert_eq!(read(deep.as_bytes()), None);
        assert_eq!(read(format!("{head}{}", "--a\r\n".repeat(50_000)).as_bytes()), None);
        assert_eq!(read(format!("{head}{}", "x:\r\n y\r\n".repeat(20_000)).as_bytes()), None);
        assert_eq!(read(&vec![b'x'; 10 * 1024 * 1024]), None, "longer than any report");
        let padded = format!("{whole}{}", " ".repeat(BYTES_MAX));
        assert_eq!(read(padded.as_bytes()), None);
        // Bytes of no charset at all do not hide what machines say.
        let mut wrong = whole.replace("MIME-encapsulated", "XX").into_bytes();
        let at = wrong.windows(2).position(|pair| pair == b"XX").unwrap();
        wrong[at..at + 2].copy_from_slice(&[0xff, 0xfe]);
        assert_eq!(read(&wrong), Some(Report::Failed { lasting: true }));
        for end in 0..whole.len() {
            // Cut off anywhere it is read or not, and nothing breaks.
            let _ = read(&whole.as_bytes()[..end]);
        }
    }
}
