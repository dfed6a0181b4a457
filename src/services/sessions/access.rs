//! Access tokens: JWTs that say who and which login, for half an hour. What the person may do is not in them; it is
//! looked up each time, so that a revoked login ends at once.

use std::time::Duration;

use chrono::Utc;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keys::Keys;
use crate::error::{Error, Result};

/// For how long an access token is good.
pub const ACCESS_LIFE: Duration = Duration::from_secs(30 * 60);

/// The only one: what a token says about itself is never believed.
const ALGORITHM: Algorithm = Algorithm::HS256;
const ISSUER: &str = "codegraph";
const AUDIENCE: &str = "codegraph-api";

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The person.
    sub: Uuid,
    /// The login.
    sid: Uuid,
    iat: i64,
    exp: i64,
    /// Fingerprint of the text that must come with it when it is sent as a cookie.
    csrf: String,
}

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The person.
    pub user: Uuid,
    /// The login.
    pub session: Uuid,
    /// Fingerprint of the text that must come with it when it is sent as a cookie.
    pub csrf: String,
}

/// A token for this login.
pub(super) async fn sign(keys: &Keys, user: Uuid, session: Uuid, csrf: String) -> Result<String> {
    let key = keys.signing().await?;
    let now = Utc::now().timestamp();
    let life = i64::try_from(ACCESS_LIFE.as_secs()).unwrap_or(i64::MAX);
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: user,
        sid: session,
        iat: now,
        exp: now.saturating_add(life),
        csrf,
    };
    let header = Header {
        kid: Some(key.kid),
        ..Header::new(ALGORITHM)
    };
    encode(&header, &claims, &EncodingKey::from_secret(&key.secret))
        .map_err(|cause| Error::Internal(format!("an access token: {cause}")))
}

/// What a token says, when it is one of ours and not over.
pub(super) async fn verify(keys: &Keys, token: &str) -> Result<Shown> {
    let kid = decode_header(token)
        .ok()
        .filter(|header| header.alg == ALGORITHM);
    let kid = kid.and_then(|header| header.kid).ok_or_else(refused)?;
    let key = keys.verifying(&kid).await?.ok_or_else(refused)?;
    let mut validation = Validation::new(ALGORITHM);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // Nodes disagree about the time by a few seconds at most.
    validation.leeway = 5;
    let key = DecodingKey::from_secret(&key.secret);
    let claims = decode::<Claims>(token, &key, &validation)
        .map_err(|_| refused())?
        .claims;
    Ok(Shown {
        user: claims.sub,
        session: claims.sid,
        csrf: claims.csrf,
    })
}

/// One answer for whatever is wrong with a token.
pub(super) fn refused() -> Error {
    Error::Unauthorized("this token is not valid, or no longer".to_owned())
}
