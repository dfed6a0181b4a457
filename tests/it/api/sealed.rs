//! What signs webhooks.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use codegraph::{
    providers::webhook::{Message, signature},
    services::access::Role,
};

use super::{
    seed,
    webhooks::{Receiver, add, fails, of, stage},
};

#[tokio::test]
async fn what_signs_is_sealed_and_what_stood_in_the_open_is_when_it_is_used() {
    let stage = stage().await;
    let receiver = Receiver::new(&[200]).await;
    let ada = stage.person(Role::Member).await;
    let made = add(&stage, &ada, &receiver.url).await;
    let key = made["secret"].as_str().unwrap();
    let key = BASE64_STANDARD
        .decode(key.strip_prefix("whsec_").unwrap())
        .unwrap();
    let kept = async || -> (Vec<u8>, bool) {
        sqlx::query_as("select secret, sealed from webhook_endpoints")
            .fetch_one(&stage.db.pool)
            .await
            .unwrap()
    };
    let (secret, sealed) = kept().await;
    assert!(
        sealed
            && !secret
                .windows(8)
                .any(|part| key.windows(8).any(|of| of == part))
    );
    // As an earlier version left it.
    sqlx::query("update webhook_endpoints set secret = $1, sealed = false")
        .bind(&key)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    let repository = seed::repository(&stage, &ada, "inventory", true).await;
    let task = seed::task(&stage, repository, &ada, "Bolts").await;
    let worker = stage.db.worker().reaching("127.0.0.1").start().await;
    for times in 1..=2 {
        fails(&stage, task).await;
        receiver.gets(times).await;
        let (headers, body) = receiver.got().pop().unwrap();
        let message = Message {
            id: of(&headers, "webhook-id"),
            timestamp: of(&headers, "webhook-timestamp").parse().unwrap(),
            body: &body,
        };
        assert_eq!(of(&headers, "webhook-signature"), signature(&key, message));
        let (secret, sealed) = kept().await;
        assert!(sealed && secret != key, "after {times}");
    }
    worker.stop().await;
    stage.db.forget().await;
}
