//! The provider's signing keys: ES256, the first file signs, every file is published so that tokens survive a rotation.

use std::path::PathBuf;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use kernel::Failure;
use p256::{
    SecretKey,
    elliptic_curve::sec1::ToSec1Point,
    pkcs8::{DecodePrivateKey, EncodePrivateKey},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub struct SigningKeys {
    signing: EncodingKey,
    kid: String,
    published: Vec<Published>,
}

struct Published {
    kid: String,
    jwk: Value,
    verifying: DecodingKey,
}

impl SigningKeys {
    pub fn load(files: &[PathBuf]) -> Result<Self, Failure> {
        let mut keys = Vec::new();
        for file in files {
            let pem = std::fs::read_to_string(file).map_err(unreadable)?;
            keys.push(SecretKey::from_pkcs8_pem(&pem).map_err(unreadable)?);
        }
        Self::of(&keys)
    }

    pub fn of(keys: &[SecretKey]) -> Result<Self, Failure> {
        let published = keys.iter().map(publish).collect::<Result<Vec<_>, _>>()?;
        let (Some(first), Some(key)) = (published.first(), keys.first()) else {
            return Err(Failure::invalid(
                "identity.no-signing-key",
                "Identity needs at least one signing key (signing_key_files).",
            ));
        };
        let der = key.to_pkcs8_der().map_err(unreadable)?;
        Ok(Self { signing: EncodingKey::from_ec_der(der.as_bytes()), kid: first.kid.clone(), published })
    }

    /// JWK Set (RFC 7517).
    pub fn jwks(&self) -> Value {
        let keys: Vec<&Value> = self.published.iter().map(|key| &key.jwk).collect();
        json!({ "keys": keys })
    }

    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, Failure> {
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(typ.to_owned());
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.signing)
            .map_err(|error| Failure::internal("identity.signing", "The token could not be signed.").with_detail(error))
    }

    /// Verifies what this provider signed itself; expiry is the caller's to judge, by our clock.
    pub fn verify<C: DeserializeOwned>(&self, typ: &str, issuer: &str, token: &str) -> Option<C> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.typ.as_deref() != Some(typ) {
            return None;
        }
        let key = self.published.iter().find(|key| Some(&key.kid) == header.kid.as_ref())?;
        let mut rules = Validation::new(Algorithm::ES256);
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.set_issuer(&[issuer]);
        rules.set_required_spec_claims(&["exp", "iss", "sub"]);
        let token = jsonwebtoken::decode::<C>(token, &key.verifying, &rules).ok()?;
        Some(token.claims)
    }
}

fn publish(key: &SecretKey) -> Result<Published, Failure> {
    let point = key.public_key().to_sec1_point(false);
    let coordinate = |bytes: Option<&[u8]>| URL_SAFE_NO_PAD.encode(bytes.unwrap_or_default());
    let x = coordinate(point.x().map(|x| x.as_slice()));
    let y = coordinate(point.y().map(|y| y.as_slice()));
    // RFC 7638: the thumbprint is over exactly these members in this order.
    let thumbprint = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(thumbprint.as_bytes()));
    let verifying = DecodingKey::from_ec_components(&x, &y).map_err(unreadable)?;
    let jwk = json!({
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid, "x": x, "y": y,
    });
    Ok(Published { kid, jwk, verifying })
}

fn unreadable(error: impl std::fmt::Display) -> Failure {
    Failure::internal("identity.signing-key", "A signing key of identity could not be read: check signing_key_files.")
        .with_detail(error)
}
