//! `xizmat officers list|invite|give|substitute|end`: an agency's administrator says who serves there, at a terminal.

use std::io::Write;

use clap::{Args, Subcommand};
use kernel::{Failure, PersonId, Time};
use proto::identity::v1::{
    Appointment, EndAccessRequest, EndRoleRequest, EndSubstituteRequest, GiveRoleRequest, InviteOfficerRequest,
    ListStaffRequest, NameSubstituteRequest, StaffMember,
    operations::{END_ACCESS, END_ROLE, END_SUBSTITUTE, GIVE_ROLE, INVITE_OFFICER, LIST_STAFF, NAME_SUBSTITUTE},
};

use crate::officer::Officer;

#[derive(Subcommand)]
pub enum What {
    /// Lists who serves in the agency, each with the id that the other commands take.
    List {
        #[command(flatten)]
        administrator: Officer,
    },
    /// Gives a person their first role in the agency; their PINFL is asked for, so that it stands in no list of processes.
    Invite {
        /// What the officer will sign in with.
        #[arg(long)]
        login: String,
        /// The officer's name, as colleagues read it.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        given: Given,
        #[command(flatten)]
        administrator: Officer,
    },
    /// Gives an officer of the agency another role, or the same one for another time.
    Give {
        /// The officer's id, as the list shows it.
        person: PersonId,
        #[command(flatten)]
        given: Given,
        #[command(flatten)]
        administrator: Officer,
    },
    /// Lets another officer of the agency do, for a time, what one who is away may; with --end it is over now.
    Substitute {
        /// Id of the officer who is away.
        person: PersonId,
        /// Id of the officer who stands in.
        #[arg(long)]
        by: PersonId,
        /// From when on, such as 2027-01-01T00:00:00Z; left out: from now on.
        #[arg(long)]
        from: Option<Time>,
        /// Until when.
        #[arg(long, required_unless_present = "end")]
        until: Option<Time>,
        /// Ends it.
        #[arg(long, conflicts_with_all = ["from", "until"])]
        end: bool,
        #[command(flatten)]
        administrator: Officer,
    },
    /// Ends one role of an officer, or with none named everything that they may in the agency, and what they have open.
    End {
        /// The officer's id, as the list shows it.
        person: PersonId,
        /// The role; left out: all of them.
        #[arg(long)]
        role: Option<String>,
        /// The office of the role; left out: the whole agency.
        #[arg(long, default_value = "", requires = "role")]
        office: String,
        #[command(flatten)]
        administrator: Officer,
    },
}

/// A role, where and when.
#[derive(Args)]
pub struct Given {
    /// The office; left out: the whole agency.
    #[arg(long, default_value = "")]
    office: String,
    /// The role, such as `registrar`, `lead`, `treasurer` or `administrator`.
    #[arg(long)]
    role: String,
    /// From when on, such as 2027-01-01T00:00:00Z; left out: from now on.
    #[arg(long)]
    from: Option<Time>,
    /// Until when; left out: until it is ended.
    #[arg(long)]
    until: Option<Time>,
}

impl Given {
    fn of(self, agency: &str) -> Appointment {
        Appointment {
            agency: agency.to_owned(),
            office: self.office,
            role: self.role,
            from_us: self.from.map_or(0, Time::micros),
            to_us: self.until.map_or(0, Time::micros),
        }
    }
}

pub async fn run(what: What) -> Result<(), Failure> {
    let changed = match what {
        What::List { administrator } => return list(&administrator).await,
        What::Invite { login, name, given, administrator } => return invite(login, name, given, &administrator).await,
        What::Give { person, given, administrator } => {
            let appointment = Some(given.of(&administrator.agency));
            let request = GiveRoleRequest { person: person.to_vec(), appointment };
            administrator.ask(&GIVE_ROLE, None, &request).await?
        }
        What::Substitute { person, by, from, until, end, administrator } => {
            let (agency, absent, substitute) = (administrator.agency.clone(), person.to_vec(), by.to_vec());
            if end {
                let request = EndSubstituteRequest { agency, absent, substitute };
                administrator.ask(&END_SUBSTITUTE, None, &request).await?
            } else {
                let (from_us, to_us) = (from.map_or(0, Time::micros), until.map_or(0, Time::micros));
                let request = NameSubstituteRequest { agency, absent, substitute, from_us, to_us };
                administrator.ask(&NAME_SUBSTITUTE, None, &request).await?
            }
        }
        What::End { person, role, office, administrator } => {
            let (agency, person) = (administrator.agency.clone(), person.to_vec());
            match role {
                Some(role) => {
                    administrator.ask(&END_ROLE, None, &EndRoleRequest { person, agency, office, role }).await?
                }
                None => administrator.ask(&END_ACCESS, None, &EndAccessRequest { agency, person }).await?,
            }
        }
    };
    print(&changed)
}

async fn list(administrator: &Officer) -> Result<(), Failure> {
    let mut request = ListStaffRequest { agency: administrator.agency.clone(), ..ListStaffRequest::default() };
    loop {
        let staff = administrator.ask(&LIST_STAFF, None, &request).await?;
        staff.members.iter().try_for_each(print)?;
        if staff.next.is_empty() {
            return Ok(());
        }
        request.after = staff.next;
    }
}

async fn invite(login: String, name: String, given: Given, administrator: &Officer) -> Result<(), Failure> {
    let appointment = Some(given.of(&administrator.agency));
    let request = InviteOfficerRequest { login, display_name: name, pinfl: pinfl()?, appointment };
    let invited = administrator.ask(&INVITE_OFFICER, None, &request).await?;
    print(&invited.member.unwrap_or_default())?;
    match invited.invitation.as_str() {
        "" => println!("They have an account already and sign in as before."),
        address => println!("Hand them this address, and nobody else; it works once:\n{address}"),
    }
    Ok(())
}

fn print(member: &StaffMember) -> Result<(), Failure> {
    let person = PersonId::from_slice(&member.person)?;
    let invited = if member.invited { "  (no account yet)" } else { "" };
    println!("{person}  {}{invited}", member.display_name);
    for held in &member.appointments {
        let office = if held.office.is_empty() { "the whole agency" } else { held.office.as_str() };
        println!("  {} in {office}, {}", held.role, period(held.from_us, held.to_us));
    }
    for substitute in &member.substitutes {
        let while_away = period(substitute.from_us, substitute.to_us);
        println!("  {} stands in, {while_away}", substitute.display_name);
    }
    Ok(())
}

fn period(from_us: i64, to_us: i64) -> String {
    let from = Time::from_micros(from_us);
    if to_us == 0 { format!("since {from}") } else { format!("{from} to {}", Time::from_micros(to_us)) }
}

pub fn pinfl() -> Result<String, Failure> {
    eprint!("PINFL: ");
    let mut line = String::new();
    let read = std::io::stderr().flush().and_then(|()| std::io::stdin().read_line(&mut line));
    read.map_err(|error| Failure::invalid("cli.no-pinfl", "No PINFL was given.").with_detail(error))?;
    Ok(line.trim().to_owned())
}
