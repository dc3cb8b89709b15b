//! What a mail server is told of a letter, by a real connection.

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use super::*;
use crate::domain::return_path::ReturnPath;

fn id() -> MessageId {
    MessageId::from_bytes([1; 16])
}

fn letter() -> Letter {
    Letter { title: "Salom <b>".into(), body: "1 < 2\n<script>".into(), ..Letter::default() }
}

#[test]
fn whatever_a_letter_holds_is_text_in_both_forms_and_no_machine_answers_it() {
    let smtp = Smtp::new(&Settings { plain: true, ..Settings::default() }, None).unwrap();
    let to = Mailbox::new(None, "a@example.uz".parse().unwrap());
    let raw = String::from_utf8(smtp.message(id(), &letter(), to).unwrap().formatted()).unwrap();
    assert!(raw.contains("&lt;script&gt;") && raw.contains(&format!("<{}@localhost>", id())), "{raw}");
    assert_eq!(raw.matches("<script>").count(), 1);
    assert!(raw.contains("Auto-Submitted: auto-generated\r\n"), "{raw}");
}

#[test]
fn production_sends_no_mail_in_the_clear() {
    let plain = Settings { plain: true, stage: Stage::Production, ..Settings::default() };
    assert_eq!(Smtp::new(&plain, None).err().unwrap().code, "notification.email-plain");
}

/// A mail server of one conversation, which answers commands and tells which ones it heard.
async fn serve(listener: TcpListener, greeting: &'static str, recipient: &'static str) -> Vec<String> {
    let (stream, _) = listener.accept().await.unwrap();
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 here\r\n").await.unwrap();
    let (mut heard, mut content) = (Vec::new(), false);
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = match line.as_str() {
            "." => "250 taken",
            _ if content => continue,
            line if line.starts_with("EHLO") => greeting,
            line if line.starts_with("RCPT") => recipient,
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        content = line == "DATA";
        heard.push(line);
        if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            break;
        }
    }
    heard
}

async fn told(
    greeting: &'static str,
    recipient: &'static str,
    returns: Option<Arc<Returns>>,
) -> (Outcome, Vec<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let settings = Settings { plain: true, host: "127.0.0.1".into(), port, ..Settings::default() };
    let smtp = Smtp::new(&settings, returns).unwrap();
    let reach = Reach { email: "a@example.uz".to_owned().into(), ..Reach::default() };
    let server = tokio::spawn(serve(listener, greeting, recipient));
    let outcome = smtp.send(id(), &letter(), &reach).await;
    (outcome, server.await.unwrap())
}

fn returns() -> Option<Arc<Returns>> {
    Some(Arc::new(Returns::new(ReturnPath::new([7; 32], "bounces.example.uz").unwrap(), 3).unwrap()))
}

#[tokio::test]
async fn a_letter_leaves_with_a_return_address_of_its_own_and_asks_for_reports_where_the_server_gives_them() {
    let own = returns().unwrap().path.address(id());
    let (outcome, heard) = told("250-here\r\n250-8BITMIME\r\n250 DSN", "250 ok", returns()).await;
    assert_eq!(outcome, Outcome::Accepted(None));
    assert!(heard.contains(&format!("MAIL FROM:<{own}> RET=HDRS ENVID={}", id())), "{heard:?}");
    assert!(heard.contains(&"RCPT TO:<a@example.uz> NOTIFY=FAILURE,DELAY".to_owned()), "{heard:?}");

    let (outcome, heard) = told("250-here\r\n250 8BITMIME", "250 ok", returns()).await;
    assert_eq!(outcome, Outcome::Accepted(None));
    assert!(heard.contains(&format!("MAIL FROM:<{own}>")), "asked for nothing: {heard:?}");
    assert!(heard.contains(&"RCPT TO:<a@example.uz>".to_owned()), "{heard:?}");

    let (_, heard) = told("250-here\r\n250 DSN", "250 ok", None).await;
    assert!(heard.contains(&"MAIL FROM:<no-reply@localhost>".to_owned()), "nobody would hear of it: {heard:?}");
}

#[tokio::test]
async fn what_a_server_refuses_for_good_or_for_now_was_not_taken() {
    assert_eq!(told("250 here", "550 no such mailbox", returns()).await.0, Outcome::Refused);
    assert_eq!(told("250 here", "450 mailbox busy", returns()).await.0, Outcome::Postponed);
}
