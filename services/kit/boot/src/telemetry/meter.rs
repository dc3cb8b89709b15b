//! What `/metrics` shows, told to an OpenTelemetry collector every few seconds: the same families, names and labels.

use std::{sync::Arc, time::Duration};

use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    metrics::v1::{
        AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics,
        ScopeMetrics, Sum, metric::Data, number_data_point,
    },
    resource::v1::Resource,
};
use prost::Message;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{collector::Client, said::now};
use crate::metrics::{self, Family, Kind, Series};

const TELL_EVERY: Duration = Duration::from_secs(15);

/// Tells until it is stopped, and then once more.
pub struct Meter {
    stop: CancellationToken,
    telling: JoinHandle<()>,
}

/// Who tells since when.
pub struct Teller {
    pub resource: Vec<opentelemetry::KeyValue>,
    pub begun_ns: u64,
}

impl Meter {
    pub fn start(client: Arc<Client>, address: String, resource: Vec<opentelemetry::KeyValue>) -> Self {
        let stop = CancellationToken::new();
        let (stopped, teller) = (stop.clone(), Teller { resource, begun_ns: now_ns() });
        let telling = tokio::spawn(async move {
            loop {
                let last = tokio::select! {
                    () = stopped.cancelled() => true,
                    () = tokio::time::sleep(TELL_EVERY) => false,
                };
                metrics::look();
                // Whoever is away hears the sums the next time; the client has said that it is.
                let _ = client.post(&address, teller.tells(&metrics::ALL, now_ns()).encode_to_vec()).await;
                if last {
                    return;
                }
            }
        });
        Self { stop, telling }
    }

    pub async fn stop(self) {
        self.stop.cancel();
        if self.telling.await.is_err() {
            tracing::debug!("the last metrics were not sent");
        }
    }
}

impl Teller {
    pub fn tells(&self, families: &[&Family], at_ns: u64) -> ExportMetricsServiceRequest {
        let about = self.resource.iter().map(|about| attribute(about.key.as_str(), &about.value.as_str()));
        let scope = InstrumentationScope { name: "xizmat".into(), ..InstrumentationScope::default() };
        let metrics = families.iter().filter_map(|family| self.metric(family, at_ns)).collect();
        let scope_metrics = vec![ScopeMetrics { scope: Some(scope), metrics, schema_url: String::new() }];
        let resource = Some(Resource { attributes: about.collect(), ..Resource::default() });
        let resource_metrics = vec![ResourceMetrics { resource, scope_metrics, schema_url: String::new() }];
        ExportMetricsServiceRequest { resource_metrics }
    }

    /// A family that has counted nothing yet has nothing to tell.
    fn metric(&self, family: &Family, at_ns: u64) -> Option<Metric> {
        let series = family.series();
        if series.is_empty() {
            return None;
        }
        let series = series.into_iter().map(|(labels, series)| (attributes(family, &labels), series));
        let data = match family.kind {
            Kind::Counter => Data::Sum(Sum {
                data_points: series.map(|(attributes, series)| self.sum(attributes, &series, at_ns)).collect(),
                aggregation_temporality: AggregationTemporality::Cumulative.into(),
                is_monotonic: true,
            }),
            Kind::Gauge => Data::Gauge(Gauge {
                data_points: series.map(|(attributes, series)| number(attributes, &series, at_ns)).collect(),
            }),
            Kind::Histogram => Data::Histogram(Histogram {
                data_points: series.map(|(attributes, series)| self.distribution(attributes, &series, at_ns)).collect(),
                aggregation_temporality: AggregationTemporality::Cumulative.into(),
            }),
        };
        let (name, description) = (family.name.to_owned(), family.about.to_owned());
        Some(Metric { name, description, data: Some(data), ..Metric::default() })
    }

    fn sum(&self, attributes: Vec<KeyValue>, series: &Series, at_ns: u64) -> NumberDataPoint {
        NumberDataPoint { start_time_unix_nano: self.begun_ns, ..number(attributes, series, at_ns) }
    }

    fn distribution(&self, attributes: Vec<KeyValue>, series: &Series, at_ns: u64) -> HistogramDataPoint {
        HistogramDataPoint {
            attributes,
            start_time_unix_nano: self.begun_ns,
            time_unix_nano: at_ns,
            count: series.count,
            sum: Some(series.value),
            bucket_counts: series.between(),
            explicit_bounds: metrics::BOUNDS_S.to_vec(),
            ..HistogramDataPoint::default()
        }
    }
}

fn number(attributes: Vec<KeyValue>, series: &Series, at_ns: u64) -> NumberDataPoint {
    NumberDataPoint {
        attributes,
        time_unix_nano: at_ns,
        value: Some(number_data_point::Value::AsDouble(series.value)),
        ..NumberDataPoint::default()
    }
}

fn attributes(family: &Family, labels: &[String]) -> Vec<KeyValue> {
    family.labels.iter().zip(labels).map(|(name, value)| attribute(name, value)).collect()
}

fn attribute(name: &str, value: &str) -> KeyValue {
    let value = AnyValue { value: Some(Value::StringValue(value.to_owned())) };
    KeyValue { key: name.to_owned(), value: Some(value), ..KeyValue::default() }
}

fn now_ns() -> u64 {
    let since = now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
