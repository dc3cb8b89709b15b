//! What was measured, each beside its floor: printed as it comes, written as JSON at the end.

use std::path::Path;

use serde::Serialize;

use crate::Outcome;

#[derive(Serialize)]
pub struct Figure {
    pub name: String,
    pub value: f64,
    pub unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<Floor>,
}

/// What this machine can do at best where the figure is bound.
#[derive(Serialize)]
pub struct Floor {
    pub name: &'static str,
    pub value: f64,
}

#[derive(Serialize)]
pub struct Table {
    profile: &'static str,
    seconds_each: u64,
    cores: usize,
    memory_mib: u64,
    processor: String,
    figures: Vec<Figure>,
}

impl Table {
    pub fn new(seconds_each: u64) -> Outcome<Self> {
        let memory = std::fs::read_to_string("/proc/meminfo")?;
        let processors = std::fs::read_to_string("/proc/cpuinfo")?;
        let total = value_of(&memory, "MemTotal").and_then(|value| value.split(' ').next()?.parse::<u64>().ok());
        let table = Self {
            profile: if cfg!(debug_assertions) { "dev" } else { "release" },
            seconds_each,
            cores: std::thread::available_parallelism()?.get(),
            memory_mib: total.unwrap_or_default() / 1024,
            processor: value_of(&processors, "model name").unwrap_or("unknown").to_owned(),
            figures: Vec::new(),
        };
        println!(
            "{} profile, {} cores ({}), {} MiB, {} s a figure\n",
            table.profile, table.cores, table.processor, table.memory_mib, seconds_each
        );
        println!("{:<52} {:>10} {:<8} {:>12}  floor", "figure", "", "", "floor");
        Ok(table)
    }

    /// A figure without a floor.
    pub fn tell(&mut self, name: impl Into<String>, value: f64, unit: &'static str) {
        self.add(Figure { name: name.into(), value, unit, floor: None });
    }

    pub fn beside(&mut self, name: impl Into<String>, value: f64, unit: &'static str, floor: (&'static str, f64)) {
        let floor = Floor { name: floor.0, value: floor.1 };
        self.add(Figure { name: name.into(), value, unit, floor: Some(floor) });
    }

    fn add(&mut self, figure: Figure) {
        let Figure { name, value, unit, floor } = &figure;
        let floor = floor.as_ref().map(|floor| format!("{:>12}  {}", short(floor.value), floor.name));
        println!("{name:<52} {:>10} {unit:<8} {}", short(*value), floor.unwrap_or_default());
        self.figures.push(figure);
    }

    pub fn write(&self, file: &Path) -> Outcome {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(std::fs::write(file, serde_json::to_string_pretty(self)? + "\n")?)
    }
}

fn short(value: f64) -> String {
    if value < 100.0 { format!("{value:.2}") } else { format!("{value:.0}") }
}

/// The value behind the first line that begins with a key, as the files under `/proc` have them.
fn value_of<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(key))?;
    line.split_once(':').map(|(_, value)| value.trim())
}
