//! Receivers of webhooks: one signed POST. The signature is that of standardwebhooks.com: base64 of HMAC-SHA256 over
//! `id.timestamp.body`, so receivers can check it with a library they have.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::reach::{self, PrivateHosts, Refusal};

/// A receiver that takes longer has not answered.
const PATIENCE: Duration = Duration::from_secs(10);

/// A message to a receiver.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The same in every try: receivers know a repetition by it.
    pub id: &'a str,
    /// When this try is made, in seconds since 1970.
    pub timestamp: i64,
    /// The JSON text.
    pub body: &'a str,
}

/// Why a receiver did not take a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// It answered otherwise than with 2xx.
    #[error("the receiver answered {0}")]
    Answered(u16),
    /// It may not be spoken to.
    #[error("{0}")]
    Refused(String),
    /// It did not answer.
    #[error("{0}")]
    Silent(String),
}

/// Looks at the address of a receiver, without speaking to it.
pub async fn check(url: &str, private: &PrivateHosts) -> Result<(), NotTaken> {
    look(url, private).await.map(drop)
}

async fn look(url: &str, private: &PrivateHosts) -> Result<reach::Place, NotTaken> {
    let refused = |why: String| Err(NotTaken::Refused(why));
    match reach::look(url, private).await {
        Ok(place) if place.scheme.starts_with("http") => Ok(place),
        Ok(_) | Err(Refusal::NoAddress) => {
            refused("an address begins with https:// or http:// and names a server".to_owned())
        }
        Err(Refusal::Unknown(host)) => refused(format!("there is no server `{host}`")),
        Err(Refusal::Inside(host)) => refused(format!(
            "`{host}` is inside the network; the operator may allow it (CODEGRAPH_PRIVATE_WEBHOOK_HOSTS)"
        )),
    }
}

/// Sends a message; answers with the status of a receiver that took it. Redirects are not followed, and nothing but what
/// was looked at is spoken to.
pub async fn post(
    url: &str,
    private: &PrivateHosts,
    secret: &[u8],
    message: Message<'_>,
) -> Result<u16, NotTaken> {
    let place = look(url, private).await?;
    let silent = |error: reqwest::Error| NotTaken::Silent(error.without_url().to_string());
    let client = place.client(PATIENCE).map_err(silent)?;
    let request = client
        .post(url)
        .header("content-type", "application/json")
        .header("webhook-id", message.id)
        .header("webhook-timestamp", message.timestamp)
        .header("webhook-signature", signature(secret, message))
        .body(message.body.to_owned());
    let answer = request.send().await.map_err(silent)?;
    let status = answer.status();
    if status.is_success() {
        Ok(status.as_u16())
    } else {
        Err(NotTaken::Answered(status.as_u16()))
    }
}

/// The signature of a message: `v1,` and base64.
#[must_use]
pub fn signature(secret: &[u8], message: Message<'_>) -> String {
    // A key of any length will do.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        unreachable!("HMAC takes keys of any length")
    };
    mac.update(format!("{}.{}.{}", message.id, message.timestamp, message.body).as_bytes());
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_of_the_standard() {
        // The example of standardwebhooks.com.
        let secret = BASE64_STANDARD
            .decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
            .unwrap();
        let message = Message {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: 1_614_265_330,
            body: "{\"test\": 2432232314}",
        };
        assert_eq!(
            signature(&secret, message),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[tokio::test]
    async fn what_leads_inside_is_refused() {
        for url in [
            "http://127.0.0.1/x",
            "https://[::1]/",
            "http://169.254.169.254/",
            "git://1.1.1.1/x",
            "ssh://1.1.1.1/",
        ] {
            assert!(check(url, &PrivateHosts::default()).await.is_err(), "{url}");
        }
    }
}
