//! The one way from behind a wall to the network: a proxy that lets a command reach the hosts that people wrote down
//! and no other. What may not live here: who wrote them down.
//!
//! It speaks HTTP as proxies do: `CONNECT` for what is encrypted, whole addresses for what is not. It looks names up
//! itself, once, and connects to exactly the addresses it looked at, so what is inside the network stays out of reach
//! whatever name it hides behind. Which name a command shows inside its encrypted connection is not looked at: it would
//! only bind those who keep to it, and the server at the other end is one that people named. What it refuses it says to the command and counts for whoever reads its output.

mod asked;
mod clerk;
mod hosts;
mod tally;
mod tunnel;

use std::future::pending;
use std::net;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::reach::{self, PrivateHosts, Refusal};
use asked::Asked;
pub use clerk::{Answer, Clerk, Errand};
pub use hosts::{Host, Hosts};
pub(super) use tally::Tally;

/// The port of the gate, on the loopback of the command's own network.
pub(super) const PORT: u16 = 3128;

/// Where a command finds the gate itself.
pub const ADDRESS: &str = "http://127.0.0.1:3128";

/// How long it may take to say what is wanted, and to be connected.
const PATIENCE: Duration = Duration::from_secs(10);

/// What may go through the gate during one command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    /// Connections at the same time.
    pub connections: usize,
    /// Bytes, both ways and all connections together.
    pub bytes: u64,
    /// The life of one connection.
    pub life: Duration,
}

impl Default for Most {
    fn default() -> Self {
        Self {
            connections: 64,
            bytes: 2 << 30,
            life: Duration::from_mins(15),
        }
    }
}

/// Which hosts a command may reach.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    hosts: Hosts,
    private: PrivateHosts,
    most: Most,
    clerk: Option<Arc<dyn Clerk>>,
}

impl Gate {
    /// To these hosts; `private` are those inside the network that the operator lets be spoken to.
    #[must_use]
    pub fn new(hosts: Hosts, private: PrivateHosts) -> Self {
        Self {
            hosts,
            private,
            most: Most::default(),
            clerk: None,
        }
    }

    /// With somebody who answers what is asked of the gate itself.
    #[must_use]
    pub fn with_clerk(self, clerk: Arc<dyn Clerk>) -> Self {
        Self {
            clerk: Some(clerk),
            ..self
        }
    }

    /// Whether there is a host that it lets through to.
    pub(super) fn leads_anywhere(&self) -> bool {
        !self.hosts.is_empty()
    }

    /// With other limits than the usual ones.
    #[must_use]
    pub fn with_most(self, most: Most) -> Self {
        Self { most, ..self }
    }

    /// Serves whoever comes to the listener, once there is one. Never ends; dropped, it lets go of every connection.
    pub(super) async fn keep(&self, listener: oneshot::Receiver<net::TcpListener>, tally: &Tally) {
        let opened = listener.await.ok().and_then(|listener| {
            listener.set_nonblocking(true).ok()?;
            TcpListener::from_std(listener).ok()
        });
        let Some(listener) = opened else {
            return pending().await;
        };
        let places = Arc::new(Semaphore::new(self.most.connections));
        let mut guests = JoinSet::new();
        loop {
            tokio::select! {
                came = listener.accept() => {
                    let Ok((client, _)) = came else {
                        return pending().await;
                    };
                    let (gate, tally) = (self.clone(), tally.clone());
                    let place = places.clone().try_acquire_owned();
                    guests.spawn(async move {
                        match place {
                            Ok(_place) => gate.meet(client, &tally).await,
                            Err(_) => refuse(client, "503 Service Unavailable", &Asked::nothing(),
                                             "too many connections at the same time", &tally).await,
                        }
                    });
                }
                Some(_) = guests.join_next() => {}
            }
        }
    }

    /// Whom a connection is for. Who is asked in person is asked as long as the command runs; the others have a time limit.
    async fn meet(&self, client: TcpStream, tally: &Tally) {
        match &self.clerk {
            Some(clerk) if clerk::is_meant(&client).await => {
                clerk::serve(client, clerk.clone(), tally.clone()).await;
            }
            _ => drop(timeout(self.most.life, self.attend(client, tally)).await),
        }
    }

    async fn attend(&self, mut client: TcpStream, tally: &Tally) {
        let asked = match timeout(PATIENCE, Asked::read(&mut client)).await {
            Ok(Ok(asked)) => asked,
            Ok(Err(why)) => {
                return refuse(client, "400 Bad Request", &Asked::nothing(), why, tally).await;
            }
            Err(_) => return,
        };
        match self.reach(&asked).await {
            Ok(server) => {
                let poured = tunnel::join(client, server, &asked, tally, self.most.bytes).await;
                if poured == tunnel::End::Beyond {
                    let beyond = format!("more than {} MiB were moved", self.most.bytes >> 20);
                    tally.refused(&asked.place(), &beyond);
                }
            }
            Err((status, why)) => refuse(client, status, &asked, &why, tally).await,
        }
    }

    /// A connection to the server, if it is one that may be reached.
    async fn reach(&self, asked: &Asked) -> Result<TcpStream, (&'static str, String)> {
        const FORBIDDEN: &str = "403 Forbidden";
        const GATEWAY: &str = "502 Bad Gateway";
        self.hosts
            .allow(&asked.host, asked.port)
            .map_err(|why| (FORBIDDEN, why.to_owned()))?;
        let url = format!("https://{}:{}", asked.host, asked.port);
        let place = reach::look(&url, &self.private).await;
        let place = place.map_err(|refusal| match refusal {
            Refusal::NoAddress => (FORBIDDEN, "this is not the name of a server".to_owned()),
            Refusal::Unknown(_) => (GATEWAY, "there is no server of this name".to_owned()),
            Refusal::Inside(_) => (
                FORBIDDEN,
                "it is inside the network; the operator may allow it (CODEGRAPH_PRIVATE_REGISTRY_HOSTS)"
                    .to_owned(),
            ),
        })?;
        let sockets = place.sockets();
        let connected = timeout(PATIENCE, TcpStream::connect(&sockets[..])).await;
        let unreached = |why: String| (GATEWAY, format!("it cannot be reached: {why}"));
        connected
            .map_err(|_| unreached("it does not answer".to_owned()))?
            .map_err(|error| unreached(error.to_string()))
    }
}

/// Says so to whoever asked, and counts it.
async fn refuse(mut client: TcpStream, status: &str, asked: &Asked, why: &str, tally: &Tally) {
    let place = asked.place();
    tally.refused(&place, why);
    let sentence = format!("{place}: {why}\n");
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{sentence}",
        sentence.len()
    );
    let _ = timeout(PATIENCE, async {
        client.write_all(answer.as_bytes()).await?;
        client.shutdown().await?;
        // What is left unread when a connection is closed takes the answer with it.
        let mut unread = [0; 1024];
        while client.read(&mut unread).await? > 0 {}
        Ok::<_, std::io::Error>(())
    })
    .await;
}
