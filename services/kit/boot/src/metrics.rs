//! What an operator watches, as Prometheus text: the one list of everything that is counted, and how it is written.
//!
//! Labels are words of ours (roles, operations, outcomes), never ids, so their number is bounded; it is capped all the same.

mod family;

pub use family::{BOUNDS_S, Family, Kind, Series};

/// Requests that an HTTP edge answered.
pub static HTTP: Family = Family::new(
    Kind::Histogram,
    "xizmat_http_request_seconds",
    "Requests answered by an HTTP edge and how long they took. `route` is the pattern, `status` the class.",
    &["role", "method", "route", "status"],
);
/// Requests that a service answered on the bus.
pub static BUS: Family = Family::new(
    Kind::Histogram,
    "xizmat_bus_request_seconds",
    "Requests answered on the bus and how long they took. `outcome` is `ok` or the kind of refusal.",
    &["role", "operation", "outcome"],
);
pub static BUS_CONNECTED: Family = Family::new(
    Kind::Gauge,
    "xizmat_bus_connected",
    "1 while a role of the process is connected to NATS, 0 while it tries to be.",
    &["role"],
);
pub static BUS_CERTIFICATE: Family = Family::new(
    Kind::Gauge,
    "xizmat_bus_certificate_seconds",
    "For how long the certificate still counts that NATS shows, of several servers the one that ends first. None without TLS.",
    &[],
);
pub static OUTBOX_WAITING: Family = Family::new(
    Kind::Gauge,
    "xizmat_outbox_waiting",
    "Events that are committed and numbered but not yet on the bus.",
    &["producer"],
);
pub static STREAM_COPIES_MISSING: Family = Family::new(
    Kind::Gauge,
    "xizmat_stream_copies_missing",
    "Servers on which a producer's stream should lie and does not, or not all of it yet (`bus.replicas`). Looked at every 30 s.",
    &["producer"],
);
pub static CONSUMER_BEHIND: Family = Family::new(
    Kind::Gauge,
    "xizmat_consumer_behind",
    "Events of a producer, as far as the role knows of them, that have not taken effect in it.",
    &["role", "producer"],
);
pub static ACTIONS_OPEN: Family = Family::new(
    Kind::Gauge,
    "xizmat_actions_open",
    "What cases have asked of other services and was not yet done. Looked at every 15 s.",
    &["operation"],
);
pub static ACTIONS_OVERDUE: Family = Family::new(
    Kind::Gauge,
    "xizmat_actions_overdue_seconds",
    "How long the longest waiting action has been due. Looked at every 15 s.",
    &[],
);
pub static TIMERS_OVERDUE: Family = Family::new(
    Kind::Gauge,
    "xizmat_timers_overdue",
    "Timers of cases whose moment has passed by more than a minute. Looked at every 15 s.",
    &[],
);
pub static CASES_STUCK: Family = Family::new(
    Kind::Gauge,
    "xizmat_cases_stuck",
    "Places of cases that wait for something which nobody may ever do. `kind` is `step` (failed for good), `answer` (another service \
     or a registry is silent), `payment`, `refund`, `refund-refused` (payments will not give back what an ended case owes), `message`, \
     `task` (the time for the decision is over), `question`, `party`, `applicant` or `paper` (nobody goes on typing it).",
    &["kind"],
);
/// The end of the civil day in payments.
pub static BOOKS_UNBALANCED: Family = Family::new(
    Kind::Gauge,
    "xizmat_books_unbalanced",
    "1 while the last closed day of payments' books does not balance, or the days before it say something else than was closed, \
     else 0.",
    &[],
);
pub static TASKS_UNSTAFFED: Family = Family::new(
    Kind::Gauge,
    "xizmat_tasks_unstaffed",
    "Open tasks of an agency that nobody can take: no officer who can sign in has the role in the office, or each who has it has a \
     part in the case, typed the application or proposed its decision; and applications on paper that nobody has the role to type. \
     Looked at every 5 minutes and when roles change.",
    &["agency"],
);
pub static SEALS_STRANGE: Family = Family::new(
    Kind::Counter,
    "xizmat_seals_strange_total",
    "Files that bear a good seal of an agency and were never recorded: somebody else has its key. Any at all is an emergency.",
    &[],
);
pub static FILES_MISSING: Family = Family::new(
    Kind::Counter,
    "xizmat_files_missing_total",
    "Readings of a file that a case names and that is not there, or not as it was stored. Any at all is a defect or a loss.",
    &[],
);
pub static FILES_SCANNED: Family = Family::new(
    Kind::Counter,
    "xizmat_files_scanned_total",
    "Files that were given to the scanner. `outcome` is `clean`, `harmful` (destroyed) or `failed` (nobody reads it, and it is tried \
     again). None where no scanner is configured.",
    &["outcome"],
);
pub static EVENTS_LOST: Family = Family::new(
    Kind::Counter,
    "xizmat_events_lost_total",
    "Events of services that were given up after seven days, or at once where they were refused: the agency's own system did not \
     take them.",
    &[],
);
pub static ERASED: Family = Family::new(
    Kind::Counter,
    "xizmat_erased_total",
    "What was destroyed because its time was over or an archivist ordered it. `what` is `case` (key, state and files), `person` (what \
     identity knew of somebody whom nobody needed any more) or `evidence` (what proves which question a registry was asked).",
    &["what"],
);
pub static EVENTS: Family = Family::new(
    Kind::Counter,
    "xizmat_events_total",
    "Events of agencies' own systems for services that begin cases from them. `outcome` is `begun` or `not-begun` (what it says fits no \
     schema, names nobody, or waited too long: an act of the service's agency says which event it was).",
    &["outcome"],
);
/// What gateways bill.
pub static SMS_SEGMENTS: Family = Family::new(
    Kind::Counter,
    "xizmat_sms_segments_total",
    "Parts of text messages that the gateway took. `coding` is `gsm-7` (160 letters) or `ucs-2` (70).",
    &["coding"],
);
pub static MAIL_RETURNED: Family = Family::new(
    Kind::Counter,
    "xizmat_mail_returned_total",
    "What came back of letters. `outcome` is `failed` (the next channel took over), `delayed`, `repeated`, `unknown` (its case was \
     erased), `unreadable` (no report, such as an automatic reply) or `refused` (not for a letter of ours, not from the null \
     sender, or too large).",
    &["outcome"],
);
/// Questions of a Kubernetes API server.
pub static ADMISSION: Family = Family::new(
    Kind::Histogram,
    "xizmat_admission_seconds",
    "Questions of the API server that the webhook answered and how long they took. `outcome` is `allowed`, `refused`, \
     `converted`, `unjudged` (let through), `malformed` or `busy`.",
    &["kind", "operation", "outcome"],
);
pub static WEBHOOK_CERTIFICATE: Family = Family::new(
    Kind::Gauge,
    "xizmat_webhook_certificate_seconds",
    "For how long the webhook's certificate still counts; 0 when there is none.",
    &[],
);
/// What became of revisions that the operator brings in.
pub static ROLLOUTS: Family = Family::new(
    Kind::Counter,
    "xizmat_rollouts_total",
    "Decisions about revisions on their way to people. `outcome` is `advanced` or `not-judged` (a step went on with or without \
     enough cases), `returned` (by itself), `promoted`, `taken-back` or `reopened` (by order), `alarmed` or `stopped` (a new law \
     under which more fails).",
    &["outcome"],
);
/// Looks of the operator at resources.
pub static RECONCILE: Family = Family::new(
    Kind::Histogram,
    "xizmat_reconcile_seconds",
    "Looks of the operator at a resource and how long they took. `outcome` is `done`, `coming` (what runs it is on its way), \
     `waiting` (for what it refers to), `refused` (its author must mend it), `failed` (tried again) or `left` (paused, or gone).",
    &["kind", "outcome"],
);
pub static RECONCILE_FAILURES: Family = Family::new(
    Kind::Counter,
    "xizmat_reconcile_failures_total",
    "Looks of the operator that failed and are tried again. `reason` is that of the condition `Ready`.",
    &["kind", "reason"],
);
pub static RECONCILE_WAITING: Family = Family::new(
    Kind::Gauge,
    "xizmat_reconcile_waiting",
    "Resources whose turn has come and that the operator has not looked at yet. Counted every 15 s by the copy that leads.",
    &["kind"],
);
pub static RECONCILE_LATE: Family = Family::new(
    Kind::Gauge,
    "xizmat_reconcile_late_seconds",
    "How long the longest resource has been waiting for its turn, or has been looked at. Counted every 15 s by the copy that leads.",
    &["kind"],
);
pub static NOT_READY: Family = Family::new(
    Kind::Gauge,
    "xizmat_resources_not_ready",
    "Resources that are not Ready, by the reason of that condition. Counted every 15 s by the copy that leads.",
    &["kind", "reason"],
);
/// What others changed of the operator's own.
pub static DRIFT: Family = Family::new(
    Kind::Counter,
    "xizmat_drift_corrections_total",
    "Objects that somebody else changed or took away while this copy led, and that it put right. `kind` is the object's; `Scale` is \
     a number of copies.",
    &["kind"],
);
pub static LEADS: Family =
    Family::new(Kind::Gauge, "xizmat_operator_leads", "1 while this copy of the operator leads, else 0.", &[]);
pub static MEMORY: Family =
    Family::new(Kind::Gauge, "process_resident_memory_bytes", "Memory that the process holds.", &[]);
pub static BUILD: Family =
    Family::new(Kind::Gauge, "xizmat_build_info", "Always 1; `version` is the program's.", &["version"]);

/// In the order in which they are written and documented.
pub static ALL: [&Family; 33] = [
    &HTTP,
    &BUS,
    &BUS_CONNECTED,
    &BUS_CERTIFICATE,
    &OUTBOX_WAITING,
    &STREAM_COPIES_MISSING,
    &CONSUMER_BEHIND,
    &ACTIONS_OPEN,
    &ACTIONS_OVERDUE,
    &TIMERS_OVERDUE,
    &CASES_STUCK,
    &BOOKS_UNBALANCED,
    &TASKS_UNSTAFFED,
    &SEALS_STRANGE,
    &FILES_MISSING,
    &FILES_SCANNED,
    &EVENTS_LOST,
    &ERASED,
    &EVENTS,
    &SMS_SEGMENTS,
    &MAIL_RETURNED,
    &ADMISSION,
    &WEBHOOK_CERTIFICATE,
    &ROLLOUTS,
    &RECONCILE,
    &RECONCILE_FAILURES,
    &RECONCILE_WAITING,
    &RECONCILE_LATE,
    &NOT_READY,
    &DRIFT,
    &LEADS,
    &MEMORY,
    &BUILD,
];

/// `Content-Type` of the text (exposition format 0.0.4).
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Counts what nobody counts as it happens.
pub fn look() {
    BUILD.set(&[env!("CARGO_PKG_VERSION")], 1.0);
    if let Some(bytes) = resident_bytes() {
        MEMORY.set(&[], bytes);
    }
}

/// Everything as it stands, for `/metrics`.
pub fn text() -> String {
    look();
    ALL.iter().map(|family| family.text()).collect()
}

fn resident_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    kib.trim().strip_suffix("kB")?.trim().parse::<f64>().ok().map(|kib| kib * 1024.0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_scraper_reads_counts_sums_and_buckets() {
        static ASKED: Family = Family::new(Kind::Histogram, "asked_seconds", "Asked.", &["role", "outcome"]);
        ASKED.observe(&["portal", "ok"], Duration::from_millis(30));
        ASKED.observe(&["portal", "ok"], Duration::from_secs(60));
        ASKED.observe(&["portal", "a \"quote\"\\\n"], Duration::ZERO);
        let text = ASKED.text();
        assert!(text.starts_with("# HELP asked_seconds Asked.\n# TYPE asked_seconds histogram\n"), "{text}");
        for line in [
            "asked_seconds_bucket{role=\"portal\",outcome=\"ok\",le=\"0.025\"} 0\n",
            "asked_seconds_bucket{role=\"portal\",outcome=\"ok\",le=\"0.05\"} 1\n",
            "asked_seconds_bucket{role=\"portal\",outcome=\"ok\",le=\"10\"} 1\n",
            "asked_seconds_bucket{role=\"portal\",outcome=\"ok\",le=\"+Inf\"} 2\n",
            "asked_seconds_sum{role=\"portal\",outcome=\"ok\"} 60.03\n",
            "asked_seconds_count{role=\"portal\",outcome=\"ok\"} 2\n",
            "asked_seconds_count{role=\"portal\",outcome=\"a \\\"quote\\\"\\\\\\n\"} 1\n",
        ] {
            assert!(text.contains(line), "{line} is missing:\n{text}");
        }
    }

    #[test]
    fn what_is_counted_is_there_before_it_first_happens() {
        static RETURNED: Family = Family::new(Kind::Counter, "returned_total", "Returned.", &["outcome"]);
        RETURNED.not_yet(&["returned"]);
        assert!(RETURNED.text().ends_with("# TYPE returned_total counter\nreturned_total{outcome=\"returned\"} 0\n"));
        RETURNED.count(&["returned"]);
        RETURNED.count(&["returned"]);
        RETURNED.not_yet(&["returned"]);
        assert!(RETURNED.text().ends_with("returned_total{outcome=\"returned\"} 2\n"), "{}", RETURNED.text());
        RETURNED.add(&["returned"], 3);
        assert!(RETURNED.text().ends_with("returned_total{outcome=\"returned\"} 5\n"), "{}", RETURNED.text());
    }

    #[test]
    fn labels_that_never_end_do_not_fill_memory() {
        static MANY: Family = Family::new(Kind::Gauge, "many", "Many.", &["id"]);
        for id in 0..5000 {
            MANY.set(&[&id.to_string()], 1.0);
        }
        let text = MANY.text();
        assert!(text.lines().count() < 600 && text.contains("many{id=\"(other)\"} 1\n"), "{}", text.lines().count());
    }

    #[test]
    fn what_is_gone_is_not_shown_as_it_was() {
        static OPEN: Family = Family::new(Kind::Gauge, "open", "Open.", &["operation"]);
        OPEN.set(&["refund"], 3.0);
        OPEN.replace(&[("issue", 1.0)]);
        assert!(OPEN.text().contains("open{operation=\"refund\"} 0\n"), "{}", OPEN.text());
        assert_eq!(OPEN.values(), [(vec!["issue".to_owned()], 1.0), (vec!["refund".to_owned()], 0.0)]);
        OPEN.forget(&["refund"]);
        assert_eq!(OPEN.values(), [(vec!["issue".to_owned()], 1.0)]);
    }

    #[test]
    fn what_is_gone_under_one_label_leaves_the_others_as_they_are() {
        static UNREADY: Family = Family::new(Kind::Gauge, "unready", "Unready.", &["kind", "reason"]);
        UNREADY.set(&["Agency", "NoSeal"], 2.0);
        UNREADY.set(&["Grant", "NoAgency"], 1.0);
        UNREADY.replace_under("Agency", &[("Failed", 4.0)]);
        let values: Vec<f64> = UNREADY.values().into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, [4.0, 0.0, 1.0], "{}", UNREADY.text());
    }

    #[test]
    fn the_whole_text_names_each_family_once_and_knows_the_memory() {
        let text = text();
        for family in ALL {
            assert_eq!(text.matches(&format!("# TYPE {} ", family.name)).count(), 1, "{}", family.name);
        }
        assert!(resident_bytes().is_some_and(|bytes| bytes > 1_000_000.0));
    }
}
