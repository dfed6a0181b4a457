//! Readers that leave without a word.

use super::port::{Port, http};

#[tokio::test]
async fn who_comes_back_again_and_again_finds_a_place() {
    let port = Port::open(&[]).await;
    // More than one person may have open at the same time, each left as soon as it has begun.
    for turn in 0..50 {
        let stream = http()
            .get(format!("{}/api/v1/stream", port.url))
            .bearer_auth(&port.ada.access);
        let mut answer = stream.send().await.unwrap();
        assert_eq!(answer.status(), 200, "the {turn}th");
        assert!(answer.chunk().await.unwrap().is_some());
    }
    port.finish().await;
}
