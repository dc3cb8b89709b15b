//! What `/metrics` shows, from the list of everything that is counted: `docs/metrics.md`.

const HEADING: &str = "# Metrics

`/metrics` on the health address (`xizmat up --health`, `xizmat serve … --health`) gives Prometheus text, exposition format
0.0.4. Labels are words of the platform, never ids; a family keeps at most 500 combinations of them, the rest counts under
`(other)`. The database is counted by whoever reads it: replicas of one service show the same gauge, take its `max`.

| metric | type | labels | meaning |
|---|---|---|---|
";
const AFTER: &str = "
What to watch: `xizmat_bus_connected` is 0, or `xizmat_outbox_waiting` and `xizmat_consumer_behind` grow (the bus or a consumer
is away; nothing is lost, everybody waits); `xizmat_actions_overdue_seconds` above a few minutes (a callee does not answer);
`xizmat_timers_overdue` above 0 (nobody fires timers); `xizmat_files_missing_total` rises (a file of a case is lost);
`xizmat_events_total` rises with `outcome=\"not-begun\"` (an agency announces what its events do not say);
`xizmat_events_lost_total` rises (an agency's own system takes no events);
`outcome=\"internal\"` or `status=\"5xx\"` at all (a defect);
`xizmat_rollouts_total` rises with `outcome=\"returned\"` or `\"alarmed\"` (people fare worse with a new revision);
`xizmat_operator_leads` is 0 everywhere, `xizmat_reconcile_late_seconds` grows or `xizmat_reconcile_failures_total` does not stop
(what is applied does not come about).

With `telemetry.otlp_endpoint` the same families go to an OpenTelemetry collector every 15 s under the same names and labels
(OTLP over HTTP; counters and histograms cumulative), and with them traces and log lines; each log line has the ids of its trace (`trace_id`,
`span_id`) either way.

This page is generated (`make gen`); do not edit it.
";

pub fn page() -> String {
    let row = |family: &&boot::metrics::Family| {
        let labels: Vec<String> = family.labels.iter().map(|label| format!("`{label}`")).collect();
        let labels = if labels.is_empty() { "–".to_owned() } else { labels.join(", ") };
        format!("| `{}` | {} | {labels} | {} |\n", family.name, family.kind.as_str(), family.about)
    };
    let rows: String = boot::metrics::ALL.iter().map(row).collect();
    format!("{HEADING}{rows}{AFTER}")
}
