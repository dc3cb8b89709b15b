//! A letter that cannot be delivered comes back: a report (RFC 3464) to its envelope's sender, handed to the mail server of the
//! sender's domain until it is taken.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// Who is never there.
const NOBODY: &str = "bounce";
const PAUSE: Duration = Duration::from_millis(500);
const TRIES: u32 = 600;
const IDLE: Duration = Duration::from_secs(30);

/// What came back, and to whom.
#[derive(Debug, Clone)]
pub struct Returned {
    /// The sender of the envelope, who is told.
    pub sender: String,
    /// Of the envelope (`ENVID`), where the sender gave one.
    pub envelope: Option<String>,
    pub recipient: String,
    pub letter: String,
}

/// Whether letters to this address come back: it is nobody's, or among those that were named.
pub fn comes_back(address: &str, named: &[String]) -> bool {
    address.split_once('@').is_some_and(|(local, _)| local == NOBODY) || named.iter().any(|one| one == address)
}

/// A report is never reported: what came from nobody goes to nobody.
pub async fn tell(server: String, returned: Returned) {
    if returned.sender.is_empty() {
        return;
    }
    for _ in 0..TRIES {
        match hand_over(&server, &returned).await {
            Ok(()) => return,
            Err(error) => tracing::debug!(%error, "a report was not taken yet"),
        }
        tokio::time::sleep(PAUSE).await;
    }
    tracing::warn!("a report was never taken");
}

async fn hand_over(server: &str, returned: &Returned) -> io::Result<()> {
    let (read, mut write) = TcpStream::connect(server).await?.into_split();
    let mut answers = BufReader::new(read).lines();
    let commands = [
        String::new(),
        "EHLO sandbox\r\n".to_owned(),
        "MAIL FROM:<>\r\n".to_owned(),
        format!("RCPT TO:<{}>\r\n", returned.sender),
        "DATA\r\n".to_owned(),
        format!("{}.\r\n", report(returned)),
    ];
    for command in commands {
        write.write_all(command.as_bytes()).await?;
        loop {
            let answer = tokio::time::timeout(IDLE, answers.next_line()).await??;
            let answer = answer.ok_or(io::ErrorKind::UnexpectedEof)?;
            if !answer.starts_with(['2', '3']) {
                return Err(io::Error::other(answer));
            }
            if answer.as_bytes().get(3) != Some(&b'-') {
                break;
            }
        }
    }
    write.write_all(b"QUIT\r\n").await
}

/// With the head of the letter only; a leading dot is doubled (RFC 5321, 4.5.2).
fn report(returned: &Returned) -> String {
    let Returned { sender, envelope, recipient, letter } = returned;
    let head: String = letter.lines().take_while(|line| !line.is_empty()).map(|line| format!("{line}\r\n")).collect();
    let envelope = envelope.as_ref().map(|id| format!("Original-Envelope-Id: {id}\r\n")).unwrap_or_default();
    let text = format!(
        "From: Mail Delivery System <MAILER-DAEMON@sandbox>\r\n\
         To: {sender}\r\n\
         Subject: Undelivered Mail Returned to Sender\r\n\
         Auto-Submitted: auto-replied\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status;\r\n\
         \tboundary=\"returned/sandbox\"\r\n\
         \r\n\
         --returned/sandbox\r\n\
         Content-Type: text/plain; charset=us-ascii\r\n\
         \r\n\
         Your message could not be delivered: there is no such mailbox.\r\n\
         \r\n\
         --returned/sandbox\r\n\
         Content-Type: message/delivery-status\r\n\
         \r\n\
         Reporting-MTA: dns; sandbox\r\n\
         {envelope}\
         \r\n\
         Final-Recipient: rfc822; {recipient}\r\n\
         Action: failed\r\n\
         Status: 5.1.1\r\n\
         Diagnostic-Code: smtp; 550 5.1.1 no such mailbox\r\n\
         \r\n\
         --returned/sandbox\r\n\
         Content-Type: text/rfc822-headers\r\n\
         \r\n\
         {head}\
         \r\n\
         --returned/sandbox--\r\n"
    );
    text.split_inclusive('\n')
        .map(|line| if line.starts_with('.') { format!(".{line}") } else { line.to_owned() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_what_failed_and_shows_the_letters_head_only() {
        let returned = Returned {
            sender: "bounce+1@bounces.example".into(),
            envelope: Some("7".into()),
            recipient: "bounce@example.uz".into(),
            letter: "Subject: x\n.y: z\n\nSecret".into(),
        };
        let text = report(&returned);
        for line in
            ["Original-Envelope-Id: 7\r\n", "Action: failed\r\nStatus: 5.1.1\r\n", "\r\nSubject: x\r\n..y: z\r\n"]
        {
            assert!(text.contains(line), "{line}: {text}");
        }
        assert!(text.contains("Final-Recipient: rfc822; bounce@example.uz\r\n") && !text.contains("Secret"), "{text}");
    }

    #[test]
    fn nobodys_address_and_named_ones_come_back() {
        assert!(comes_back("bounce@example.uz", &[]));
        assert!(!comes_back("dilnoza@example.uz", &[]) && !comes_back("bounce", &[]));
        assert!(comes_back("dilnoza@example.uz", &["dilnoza@example.uz".to_owned()]));
    }
}
