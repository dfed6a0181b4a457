//! What this process keeps; tests/it/cache.rs asks the same of a real server.

use super::*;

#[tokio::test]
async fn what_is_kept_ends_and_counts_begin_anew() {
    let cache = Cache::new(&RedisConfig { url: None });
    let short = Duration::from_millis(30);
    cache.put("a", *b"1", short).await;
    cache.put("b", *b"2", Duration::from_secs(60)).await;
    assert_eq!(cache.get("a").await.as_deref(), Some(&b"1"[..]));
    let times = async || cache.count("c", short).await.times;
    assert_eq!((times().await, times().await, times().await), (1, 2, 3));
    tokio::time::sleep(short).await;
    assert_eq!(cache.get("a").await, None);
    assert_eq!(cache.get("b").await.as_deref(), Some(&b"2"[..]));
    assert_eq!(times().await, 1);
    cache.forget("b").await;
    cache.forget("c").await;
    assert_eq!(cache.get("b").await, None);
    assert_eq!(times().await, 1);
    assert_eq!(cache.shared(), None);
}

#[tokio::test]
async fn a_server_that_is_not_there_costs_a_moment_and_no_request() {
    let url = "redis://127.0.0.1:1/0".parse().unwrap();
    let cache = Cache::new(&RedisConfig { url: Some(url) });
    let begun = std::time::Instant::now();
    cache.put("a", *b"1", Duration::from_secs(60)).await;
    for times in 1..=100 {
        assert_eq!(cache.count("c", Duration::from_secs(60)).await.times, times);
    }
    assert_eq!(cache.get("a").await.as_deref(), Some(&b"1"[..]));
    assert_eq!(cache.shared(), Some(false));
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
}
