//! How often somebody may do something: signing in by place and by account, changes by person. Counted in the cache, so
//! nodes share it through Redis; without Redis each node counts for itself.

use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use uuid::Uuid;

use super::{secret, sessions::Client};
use crate::{
    config::LimitsConfig,
    error::{Error, Result},
    providers::cache::Cache,
};

const MINUTE: Duration = Duration::from_secs(60);
/// Tries at one account count for so long.
const GUESSING: Duration = Duration::from_secs(15 * 60);
/// Tries at one account from one place in that time; the place of its owner is another one.
const GUESSES_HERE: u32 = 10;
/// And from everywhere, so that many places are no way around.
const GUESSES: u32 = 100;

/// Where somebody stands with a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How often in a window.
    pub most: u32,
    /// How often still.
    pub left: u32,
    /// When the window closes, in whole seconds.
    pub resets_in_s: u64,
    /// This was once too often.
    pub over: bool,
}

impl Standing {
    /// Refuses what was once too often.
    pub fn check(&self) -> Result<()> {
        if self.over {
            let after_s = self.resets_in_s;
            return Err(Error::TooMany { after_s });
        }
        Ok(())
    }
}

/// Counts and compares. Cheap to clone.
#[derive(Clone)]
pub struct Limits {
    cache: Cache,
    sign_ins: u32,
    writes: u32,
}

impl Limits {
    /// As configured; 0 means no limit.
    #[must_use]
    pub fn new(cache: Cache, config: &LimitsConfig) -> Self {
        Self {
            cache,
            sign_ins: config.sign_ins_per_minute,
            writes: config.writes_per_minute,
        }
    }

    /// Somebody at this place wants to come in, in whatever way.
    pub async fn sign_in(&self, client: &Client) -> Option<Standing> {
        let key = format!("limit:sign_in:{}", place(client));
        self.take(&key, self.sign_ins, MINUTE).await
    }

    /// Somebody at this place tries a password of this account, whether there is such an account or not.
    pub async fn guess(&self, email: &str, client: &Client) -> Option<Standing> {
        if self.sign_ins == 0 {
            return None;
        }
        let all = format!("limit:guess:{}", account(email));
        let all = self.take(&all, GUESSES, GUESSING).await?;
        if all.over {
            return Some(all);
        }
        let here = guess_here(email, client);
        self.take(&here, GUESSES_HERE, GUESSING).await
    }

    /// The password was right: whoever is at this place is who they say.
    pub async fn guessed(&self, email: &str, client: &Client) {
        if self.sign_ins != 0 {
            self.cache.forget(&guess_here(email, client)).await;
        }
    }

    /// Somebody who is signed in changes something.
    pub async fn write(&self, user: Uuid) -> Option<Standing> {
        let key = format!("limit:write:{}", user.simple());
        self.take(&key, self.writes, MINUTE).await
    }

    async fn take(&self, key: &str, most: u32, window: Duration) -> Option<Standing> {
        if most == 0 {
            return None;
        }
        let count = self.cache.count(key, window).await;
        let times = u32::try_from(count.times).unwrap_or(u32::MAX);
        Some(Standing {
            most,
            left: most.saturating_sub(times),
            // Rounded up: whoever comes back then is not refused again.
            resets_in_s: u64::try_from(count.resets_in.as_millis().div_ceil(1000)).unwrap_or(1),
            over: times > most,
        })
    }
}

/// Where somebody is. Of the newer kind of address everybody has as many as they like, in a network of their own: it is
/// the network that counts.
fn place(client: &Client) -> String {
    let address = client.address.as_deref().unwrap_or("unknown");
    match address
        .parse::<IpAddr>()
        .map(|address| address.to_canonical())
    {
        Ok(IpAddr::V6(address)) => {
            let network = Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64));
            format!("{network}/64")
        }
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

/// What is kept elsewhere names nobody.
fn account(email: &str) -> String {
    secret::fingerprint(&email.trim().to_lowercase())
}

fn guess_here(email: &str, client: &Client) -> String {
    format!("limit:guess:{}:{}", account(email), place(client))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_the_newer_kind_is_one_place() {
        let place = |address: &str| {
            place(&Client {
                address: Some(address.to_owned()),
                ..Client::default()
            })
        };
        assert_eq!(place("2001:db8:1:2:3::4"), place("2001:db8:1:2:ffff::1"));
        assert_ne!(place("2001:db8:1:2::1"), place("2001:db8:1:3::1"));
        assert_ne!(place("192.0.2.1"), place("192.0.2.2"));
        assert_eq!(place("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
