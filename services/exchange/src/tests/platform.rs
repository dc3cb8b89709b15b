//! A provisioned server with a running exchange, an identity that knows one officer, and an agency's system.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use boot::{Kit, Stage};
use bus::{Bus, OnBehalf, Service};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{
    Failure, Hash,
    id::{CommandId, PersonId},
};
use p256::{
    SecretKey,
    elliptic_curve::sec1::ToSec1Point,
    pkcs8::{EncodePrivateKey, LineEnding},
};
use prost::Message;
use proto::{
    Operation,
    exchange::v1::{
        IssueAgentRequest, PublishResourceRequest, WithdrawResourceRequest,
        operations::{ISSUE_AGENT, PUBLISH_RESOURCE, WITHDRAW_RESOURCE},
    },
    identity::v1::{
        Appointment, Keys, Officer,
        operations::{READ_KEYS, READ_OFFICER},
    },
    permissions::ROLES,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Config, Provisioned, provision};

pub struct Platform {
    pub dir: TempDir,
    pub kit: Kit,
    pub provisioned: Provisioned,
    /// What identity says of every officer.
    pub appointments: Arc<Mutex<Vec<Appointment>>>,
    child: Option<Child>,
}

impl Platform {
    /// Keys, configuration and a server; no account has been pushed yet.
    pub fn start() -> Self {
        Self::start_with(Kit::system(Stage::Trial))
    }

    /// Under another clock than the system's own.
    pub fn start_with(kit: Kit) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let address = format!("127.0.0.1:{}", testkit::free_port());
        let folder = dir.path().join("nats");
        let provisioned = provision::prepare(&folder, &address, ROLES, &*kit.clock, &*kit.random).unwrap();
        let mut platform = Self { dir, kit, provisioned, appointments: Arc::default(), child: None };
        platform.start_server();
        platform
    }

    pub fn start_server(&mut self) {
        let log = std::fs::File::create(self.dir.path().join("nats.log")).unwrap();
        let child = Command::new(testkit::nats_binary())
            .arg("-c")
            .arg(&self.provisioned.server_config)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    pub fn kill_server(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    pub async fn start_exchange(&self) {
        let config = Config {
            bus: self.provisioned.bus("exchange"),
            database: sql::Settings::file(self.dir.path().join("exchange.db")),
            folder: self.provisioned.folder.clone(),
            ..Config::default()
        };
        crate::start(&self.kit, config).await.unwrap();
    }

    pub async fn bus(&self, role: &str) -> Bus {
        let (clock, random) = (self.kit.clock.clone(), self.kit.random.clone());
        Bus::connect(&self.provisioned.bus(role), clock, random).await.unwrap()
    }

    /// A NATS client without our library, as any program could be.
    pub async fn raw(&self, credentials: &Path, inbox: &str) -> async_nats::Client {
        async_nats::ConnectOptions::new()
            .custom_inbox_prefix(inbox)
            .request_timeout(Some(Duration::from_millis(400)))
            .credentials_file(credentials)
            .await
            .unwrap()
            .connect(&self.provisioned.url)
            .await
            .unwrap()
    }

    pub async fn start_identity(&self) {
        let appointments = self.appointments.clone();
        let jwks = person_key().1;
        let service = Service::new("identity")
            .on(&READ_KEYS, move |_| {
                let jwks = jwks.clone();
                async move { Ok(Keys { jwks, issuer: "http://localhost".into() }) }
            })
            .on(&READ_OFFICER, move |call: bus::Call<proto::identity::v1::ReadPersonRequest>| {
                let appointments = appointments.lock().unwrap().clone();
                async move { Ok(Officer { person: call.request.person, appointments, ..Officer::default() }) }
            });
        self.bus("identity").await.serve(service, &self.kit).await.unwrap();
    }

    pub fn appoint(&self, agency: &str, role: &str) {
        let held = Appointment { agency: agency.into(), role: role.into(), ..Appointment::default() };
        self.appointments.lock().unwrap().push(held);
    }

    pub fn on_behalf<Q: Message, R>(
        &self,
        operation: &Operation<Q, R>,
        person: PersonId,
        officer: bool,
        request: &Q,
    ) -> OnBehalf {
        let command_id = CommandId::new(&*self.kit.clock, &*self.kit.random);
        self.commanded(operation, person, officer, request, command_id)
    }

    pub fn commanded<Q: Message, R>(
        &self,
        operation: &Operation<Q, R>,
        person: PersonId,
        officer: bool,
        request: &Q,
        command_id: CommandId,
    ) -> OnBehalf {
        let now = self.kit.clock.now().seconds();
        let claims = json!({
            "iss": "http://localhost", "sub": person.to_string(), "aud": operation.callee,
            "operation": operation.name, "iat": now, "exp": now + 60,
            "jti": command_id.to_string(), "acr": "substantial", "auth_time": now, "officer": officer,
            "payload": URL_SAFE_NO_PAD.encode(Hash::of(&request.encode_to_vec()).as_bytes()),
        });
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some("xizmat-assertion+jwt".into());
        header.kid = Some("one".into());
        let assertion = jsonwebtoken::encode(&header, &claims, &person_key().0).unwrap();
        OnBehalf { assertion, command_id }
    }

    /// Publishes an example as `up` and the operator do; gives the hash.
    pub async fn publish(
        &self,
        operator: &Bus,
        file: &str,
        change: impl FnOnce(&mut Value),
    ) -> Result<Vec<u8>, Vec<String>> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(file);
        let text = std::fs::read_to_string(path).unwrap();
        let mut value: Value = serde_saphyr::from_str(&text).unwrap();
        change(&mut value);
        let own_key = value["spec"]["publicKey"]["nats"].as_str().map(str::to_owned);
        let request = PublishResourceRequest {
            agency: file.split('/').next().unwrap().into(),
            kind: value["kind"].as_str().unwrap().into(),
            resource: value.to_string().into_bytes(),
        };
        let reply = operator.request(&PUBLISH_RESOURCE, &request.agency, &request).await.unwrap();
        if !reply.problems.is_empty() {
            return Err(reply.problems);
        }
        if request.kind == "Agency" {
            let agent = self.provisioned.agent(&request.agency, own_key.as_deref(), &*self.kit.random).unwrap();
            agent.keep(&issue_agent(operator, &request.agency, &agent.user).await.unwrap()).unwrap();
        }
        Ok(reply.hash)
    }
}

/// As the operator takes back what an agency deleted.
pub async fn withdraw(operator: &Bus, agency: &str, kind: &str, name: &str) -> Result<(), Failure> {
    let request = WithdrawResourceRequest { agency: agency.into(), kind: kind.into(), name: name.into() };
    operator.request(&WITHDRAW_RESOURCE, agency, &request).await.map(drop)
}

/// As whoever provisions asks for the credentials of an agency's own system.
pub async fn issue_agent(operator: &Bus, agency: &str, nats_user: &str) -> Result<String, Failure> {
    let request = IssueAgentRequest { agency: agency.into(), agent: "system".into(), nats_user: nats_user.into() };
    Ok(operator.request(&ISSUE_AGENT, agency, &request).await?.credentials_token)
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.kit.shutdown.cancel();
        if let Some(child) = &mut self.child {
            let ended = child.kill().and_then(|()| child.wait());
            assert!(ended.is_ok() || std::thread::panicking());
        }
    }
}

fn person_key() -> (EncodingKey, String) {
    let secret = SecretKey::from_slice(&[7; 32]).unwrap();
    let point = secret.public_key().to_sec1_point(false);
    let coordinate = |bytes: Option<&[u8]>| URL_SAFE_NO_PAD.encode(bytes.unwrap());
    let (x, y) = (point.x().map(|bytes| &bytes[..]), point.y().map(|bytes| &bytes[..]));
    let jwk = json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "one",
        "x": coordinate(x), "y": coordinate(y)});
    let pem = secret.to_pkcs8_pem(LineEnding::LF).unwrap();
    (EncodingKey::from_ec_pem(pem.as_bytes()).unwrap(), json!({"keys": [jwk]}).to_string())
}
