//! Requests and replies: who may ask, and what is believed.

use std::time::Duration;

use async_nats::HeaderMap;
use kernel::{ErrorKind, Failure, Hash, id::MessageId};
use prost::Message;
use proto::payments::v1::{Intent, RefundReply, RefundRequest, operations};

use super::fixture::{Platform, eventually};
use crate::{Bus, Service, header, keys::Key, signature, signature::Signed};

const SUBJECT: &str = "payments.v1.refund.justice.eservice";

async fn payments(platform: &Platform) -> Bus {
    let bus = platform.bus("payments").await;
    let service = Service::new("payments")
        .on(&operations::REFUND, |call: crate::Call<RefundRequest>| async move {
            assert_eq!((call.caller.as_str(), call.agency.as_str()), ("eservice", "justice"));
            Ok(RefundReply::default())
        })
        .on(&operations::CREATE_INTENT, |_| async move {
            Err::<Intent, _>(Failure::conflict("payments.closed", "Ёпилган: it is closed.").with_detail("secret"))
        })
        .on(&operations::CLOSE_INTENT, |_| async move { panic!("on purpose") });
    bus.serve(service, &platform.kit).await.unwrap();
    bus
}

struct Forged {
    key: Key,
    signed_body: Vec<u8>,
    sent_body: Vec<u8>,
    subject: &'static str,
    id: MessageId,
}

/// Sends what a program without our library could send, and gives the code of the refusal.
async fn send(platform: &Platform, sender: &Bus, forged: &Forged) -> String {
    let time = platform.kit.clock.now();
    let deadline = time.plus(Duration::from_secs(5)).micros().to_string();
    let signed = Signed {
        subject: forged.subject,
        message_id: forged.id,
        time,
        body_hash: Hash::of(&forged.signed_body),
        bound: &[deadline.as_bytes(), b""],
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::MESSAGE_ID, forged.id.to_string());
    headers.insert(header::TIME, time.micros().to_string());
    headers.insert(header::DEADLINE, deadline.as_str());
    headers.insert(header::SIGNATURE, signature::sign(&forged.key, &signed));
    let body = forged.sent_body.clone().into();
    let reply = sender.client().request_with_headers(forged.subject, headers, body).await.unwrap();
    let headers = reply.headers.unwrap_or_default();
    header::text(&headers, "Nats-Service-Error").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_answered_and_a_refusal_comes_back_as_it_was_made() {
    let platform = Platform::start();
    let _payments = payments(&platform).await;
    let eservice = platform.bus("eservice").await;
    let asked = eservice.request(&operations::REFUND, "justice", &RefundRequest::default()).await;
    assert_eq!(asked.unwrap(), RefundReply::default());
    let refused = eservice.request(&operations::CREATE_INTENT, "justice", &Default::default()).await.unwrap_err();
    assert_eq!((refused.kind, refused.code.as_ref()), (ErrorKind::Conflict, "payments.closed"));
    assert_eq!((refused.message.as_str(), refused.detail), ("Ёпилган: it is closed.", None));
    let panicked = eservice.request(&operations::CLOSE_INTENT, "justice", &Default::default()).await.unwrap_err();
    assert_eq!(panicked.kind, ErrorKind::Internal);
    let smuggled = eservice.request(&operations::REFUND, "justice.>", &RefundRequest::default()).await.unwrap_err();
    assert_eq!(smuggled.code, "bus.name");
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_altered_repeated_and_unsigned_messages_are_refused() {
    let platform = Platform::start();
    let _payments = payments(&platform).await;
    let eservice = platform.bus("eservice").await;
    let body = RefundRequest::default().encode_to_vec();
    let new_id = || MessageId::new(&*platform.kit.clock, &*platform.kit.random);
    let genuine = |id| Forged {
        key: platform.key("eservice"),
        signed_body: body.clone(),
        sent_body: body.clone(),
        subject: SUBJECT,
        id,
    };
    let id = new_id();
    assert_eq!(send(&platform, &eservice, &genuine(id)).await, "");
    assert_eq!(send(&platform, &eservice, &genuine(id)).await, "bus.signature", "a replay");
    let other = Forged { key: platform.key("portal"), ..genuine(new_id()) };
    assert_eq!(send(&platform, &eservice, &other).await, "bus.signature", "another service's key");
    let unknown = Forged { key: Key::generate(&*platform.kit.random), ..genuine(new_id()) };
    let told = send(&platform, &eservice, &unknown).await;
    assert_eq!(
        told, "bus.signer-not-known-yet",
        "nobody's key, and nobody is there who could say whether it is a host's"
    );
    let altered = Forged { sent_body: vec![8, 1], ..genuine(new_id()) };
    assert_eq!(send(&platform, &eservice, &altered).await, "bus.signature", "an altered body");
    let portal = platform.bus("portal").await;
    let foreign =
        Forged { key: platform.key("portal"), subject: "payments.v1.refund.justice.portal", ..genuine(new_id()) };
    assert_eq!(send(&platform, &portal, &foreign).await, "bus.caller", "a caller the contract does not name");
    let reply = eservice.client().request(SUBJECT, body.into()).await.unwrap();
    assert_eq!(header::text(&reply.headers.unwrap(), "Nats-Service-Error"), "bus.signature", "unsigned");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_the_callee_did_not_sign_is_not_believed() {
    let platform = Platform::start();
    let impostor = platform.bus("portal").await;
    let mut requests = impostor.client().subscribe(SUBJECT).await.unwrap();
    impostor.client().flush().await.unwrap();
    let client = impostor.client().clone();
    tokio::spawn(async move {
        use futures::StreamExt;
        while let Some(request) = requests.next().await {
            client.publish(request.reply.unwrap(), "".into()).await.unwrap();
        }
    });
    let eservice = platform.bus("eservice").await;
    let answer = eservice.request(&operations::REFUND, "justice", &RefundRequest::default()).await;
    assert_eq!(answer.unwrap_err().code, "bus.forged-reply");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_is_visible_and_what_is_in_hand_at_shutdown_is_answered() {
    let platform = Platform::start();
    let bus = platform.bus("payments").await;
    let (taken, mut in_hand) = tokio::sync::mpsc::unbounded_channel();
    let stopping = platform.kit.shutdown.clone();
    let slow = Service::new("payments").on(&operations::REFUND, move |_| {
        let (taken, stopping) = (taken.clone(), stopping.clone());
        async move {
            taken.send(()).unwrap();
            stopping.cancelled().await;
            Ok(RefundReply::default())
        }
    });
    bus.serve(slow, &platform.kit).await.unwrap();
    let eservice = platform.bus("eservice").await;
    let info = eservice.client().request("$SRV.INFO.payments", "".into()).await.unwrap();
    assert!(String::from_utf8_lossy(&info.payload).contains("payments.v1.refund.*.*"));
    let asker = eservice.clone();
    let asked =
        tokio::spawn(async move { asker.request(&operations::REFUND, "justice", &RefundRequest::default()).await });
    in_hand.recv().await.unwrap();
    platform.kit.shutdown.cancel();
    assert!(asked.await.unwrap().is_ok());
    eventually("no more requests are taken", async || {
        let late = eservice.request(&operations::REFUND, "justice", &RefundRequest::default()).await;
        late.is_err_and(|failure| failure.code == crate::NOT_RUNNING)
    })
    .await;
}
