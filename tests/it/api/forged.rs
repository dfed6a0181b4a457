//! Access tokens that are not ours, or no longer.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use codegraph::services::access::Role;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::stage::{Person, Stage};

struct Forge {
    kid: String,
    secret: Vec<u8>,
    claims: Value,
}

impl Forge {
    /// With what a thief of the database would have, to show that each thing that is wrong is enough.
    async fn new(stage: &Stage, person: &Person) -> Self {
        let (kid, secret): (String, Vec<u8>) =
            sqlx::query_as("select kid, secret from signing_keys")
                .fetch_one(&stage.db.pool)
                .await
                .unwrap();
        let claims = person.access.split('.').nth(1).unwrap();
        let claims = serde_json::from_slice(&BASE64.decode(claims).unwrap()).unwrap();
        Self {
            kid,
            secret,
            claims,
        }
    }

    fn header(&self, algorithm: Algorithm) -> Header {
        Header {
            kid: Some(self.kid.clone()),
            ..Header::new(algorithm)
        }
    }

    fn signed(&self, header: &Header, claims: &Value) -> String {
        encode(header, claims, &EncodingKey::from_secret(&self.secret)).unwrap()
    }

    fn with(&self, name: &str, value: impl Into<Value>) -> String {
        let mut claims = self.claims.clone();
        claims[name] = value.into();
        self.signed(&self.header(Algorithm::HS256), &claims)
    }

    fn without(&self, name: &str) -> String {
        let mut claims = self.claims.clone();
        claims.as_object_mut().unwrap().remove(name).unwrap();
        self.signed(&self.header(Algorithm::HS256), &claims)
    }

    fn part(&self, value: &Value) -> String {
        BASE64.encode(value.to_string())
    }
}

async fn status(stage: &Stage, token: &str) -> u16 {
    let answer = stage.get("/api/v1/auth/me").bearer(token).send().await;
    if answer.status == 401 {
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
    answer.status.as_u16()
}

type Attacks = Vec<(&'static str, String)>;

/// Tokens whose signature is not one of ours, whatever they say about it.
fn unsigned(forge: &Forge, honest: &str, admin: Uuid) -> Attacks {
    let none = |alg: &str| {
        let header = forge.part(&json!({"alg": alg, "typ": "JWT", "kid": forge.kid}));
        format!("{header}.{}.", forge.part(&forge.claims))
    };
    let with_key = |key: &[u8]| {
        let header = forge.header(Algorithm::HS256);
        encode(&header, &forge.claims, &EncodingKey::from_secret(key)).unwrap()
    };
    let with_header = |header: &Header| forge.signed(header, &forge.claims);
    let named = |kid: &str| Header {
        kid: Some(kid.to_owned()),
        ..Header::new(Algorithm::HS256)
    };
    let (head, rest) = honest.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    let rsa = forge.part(&json!({"alg": "RS256", "kid": forge.kid}));
    let mut richer = forge.claims.clone();
    richer["sub"] = admin.to_string().into();
    let other = forge.with("exp", chrono::Utc::now().timestamp() + 9);
    let other = other.rsplit_once('.').unwrap().1;
    vec![
        ("alg none", none("none")),
        ("alg None", none("None")),
        ("alg nOnE", none("nOnE")),
        (
            "HS512 with our key",
            with_header(&forge.header(Algorithm::HS512)),
        ),
        (
            "HS384 with our key",
            with_header(&forge.header(Algorithm::HS384)),
        ),
        ("said to be RS256", format!("{rsa}.{body}.{signature}")),
        ("another key", with_key(&[7; 32])),
        ("the key's name as the key", with_key(forge.kid.as_bytes())),
        ("an empty key", with_key(b"")),
        ("no key named", with_header(&Header::new(Algorithm::HS256))),
        ("an unknown key", with_header(&named("AAAAAAAAAAAAAAAA"))),
        ("a path as the key", with_header(&named("../../dev/null"))),
        (
            "tampered",
            format!("{head}.{}.{signature}", forge.part(&richer)),
        ),
        ("signature cut off", format!("{head}.{body}.")),
        ("signature of another", format!("{head}.{body}.{other}")),
        ("no token", "x".to_owned()),
        ("empty parts", "..".to_owned()),
        (
            "a made-up token of a program",
            format!("cg_{}", "A".repeat(43)),
        ),
    ]
}

/// Tokens signed by our own key that say what is not so, or no longer.
fn untrue(forge: &Forge, admin: Uuid) -> Attacks {
    let now = chrono::Utc::now().timestamp();
    let unknown = Uuid::now_v7().to_string();
    vec![
        ("expired", forge.with("exp", now - 6)),
        ("without an end", forge.without("exp")),
        ("for another audience", forge.with("aud", "codegraph-web")),
        ("without an audience", forge.without("aud")),
        ("of another issuer", forge.with("iss", "codegraph2")),
        ("without an issuer", forge.without("iss")),
        ("of nobody", forge.with("sub", unknown.clone())),
        ("of an unknown session", forge.with("sid", unknown)),
        (
            "of an admin in one's own session",
            forge.with("sub", admin.to_string()),
        ),
    ]
}

#[tokio::test]
async fn no_forged_token_opens_anything() {
    let stage = Stage::new().await;
    let person = stage.person(Role::Member).await;
    let admin = stage.person(Role::Admin).await.id;
    let forge = Forge::new(&stage, &person).await;
    // The forge works: what it makes without a fault is taken.
    let honest = forge.signed(&forge.header(Algorithm::HS256), &forge.claims);
    assert_eq!(status(&stage, &honest).await, 200);
    let mut attacks = unsigned(&forge, &honest, admin);
    attacks.extend(untrue(&forge, admin));
    attacks.push(("a refresh token", person.refresh));
    for (what, token) in attacks {
        assert_eq!(status(&stage, &token).await, 401, "{what}: {token}");
    }
    assert_eq!(status(&stage, &honest).await, 200);
    stage.finish().await;
}

#[tokio::test]
async fn what_a_key_signed_is_good_while_the_key_is_kept_and_on_every_node() {
    let stage = Stage::new().await;
    let person = stage.person(Role::Member).await;
    let (other, routes) = stage.beside(&[]);
    assert_eq!(status(&stage, &person.access).await, 200);

    other.sessions.keys().rotate().await.unwrap();
    let newer = stage.login(&other, person.id).await.access;
    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid;
    assert_ne!(kid(&newer), kid(&person.access));
    // This node has not heard of the new key; it looks for it when it meets it, once a second at most.
    crate::support::eventually("the new key is known here", async || {
        (status(&stage, &newer).await == 200).then_some(())
    })
    .await;
    assert_eq!(status(&stage, &person.access).await, 200);

    sqlx::query("delete from signing_keys where kid = $1")
        .bind(kid(&person.access))
        .execute(&stage.db.pool)
        .await
        .unwrap();
    // A node that starts now does not know the key any more.
    drop((other, routes));
    let (_, routes) = stage.beside(&[]);
    let answer = super::stage::Call::new(&routes, http::Method::GET, "/api/v1/auth/me");
    answer.bearer(&person.access).send().await.expect(401);
    stage.finish().await;
}

#[tokio::test]
async fn a_session_that_was_ended_opens_nothing() {
    let stage = Stage::new().await;
    let person = stage.person(Role::Member).await;
    let path = format!("/api/v1/auth/sessions/session_{}", person.session.simple());
    let other = stage.person(Role::Admin).await;
    let end = |token: String| stage.call(http::Method::DELETE, &path).bearer(&token);
    end(other.access).send().await.expect(404);
    end(person.access.clone()).send().await.expect(204);
    assert_eq!(status(&stage, &person.access).await, 401);
    let refresh = json!({"refresh_token": person.refresh});
    let refresh = stage.post("/api/v1/auth/refresh", refresh);
    refresh.send().await.expect(401);
    stage.finish().await;
}
