//! `xizmat messages`: what text messages cost, for whoever runs the platform and is sent the gateway's bill.

use bus::subject::PLATFORM;
use clap::{Args, Subcommand};
use kernel::{Failure, Money};
use proto::notifications::v1::{ReadSpendingRequest, SpendingRow, operations::READ_SPENDING};

use crate::as_operator::AsOperator;

#[derive(Subcommand)]
pub enum What {
    /// What the text messages of a month cost, by agency and service.
    Spending(Order),
}

#[derive(Args)]
pub struct Order {
    /// The month in Tashkent, such as 2026-11.
    month: String,
    /// Of this agency only.
    #[arg(long, default_value = "")]
    agency: String,
    #[command(flatten)]
    operator: AsOperator,
}

pub async fn run(What::Spending(order): What) -> Result<(), Failure> {
    let (_, bus) = order.operator.connect().await?;
    let request = ReadSpendingRequest { month: order.month.clone(), agency: order.agency };
    let spending = bus.request(&READ_SPENDING, PLATFORM, &request).await?;
    if spending.rows.is_empty() {
        println!("No text message left in {}.", order.month);
        return Ok(());
    }
    println!("{:<20}{:<34}{:>10}{:>10}{:>16}", "AGENCY", "SERVICE", "MESSAGES", "PARTS", "COST, UZS");
    for row in &spending.rows {
        println!("{}", line(&row.agency, &row.service, row.messages, row.segments, minor(row)));
    }
    let sum = |part: fn(&SpendingRow) -> i64| spending.rows.iter().map(part).sum::<i64>();
    println!("{}", line("all", "", sum(|row| row.messages), sum(|row| row.segments), sum(minor)));
    Ok(())
}

fn minor(row: &SpendingRow) -> i64 {
    row.cost.as_ref().map_or(0, |cost| cost.minor)
}

fn line(agency: &str, service: &str, messages: i64, segments: i64, minor: i64) -> String {
    let cost = Money::uzs(minor).to_decimal().to_string();
    format!("{agency:<20}{service:<34}{messages:>10}{segments:>10}{cost:>16}")
}
