//! Redis is optional; one that is configured and does not answer is a mistake worth knowing.

use crate::config::{RedisConfig, RedisUrl};

use super::report::Finding;

pub(super) async fn check(config: &RedisConfig) -> Vec<Finding> {
    let finding = match &config.url {
        None => Finding::ok("redis", "not configured: cache and limits are in-process"),
        Some(url) => match ping(url).await {
            Ok(()) => Finding::ok("redis", format!("answers at {url}")),
            Err(cause) => Finding::fail("redis", format!("does not answer at {url}"))
                .detail(cause.to_string())
                .remedy("start it, or correct CODEGRAPH_REDIS_URL, or unset it to go without"),
        },
    };
    vec![finding]
}

async fn ping(url: &RedisUrl) -> redis::RedisResult<()> {
    let client = redis::Client::open(url.info())?;
    let mut connection = client.get_multiplexed_async_connection().await?;
    redis::cmd("PING").query_async(&mut connection).await
}
