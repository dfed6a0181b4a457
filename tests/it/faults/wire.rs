//! A wire between a program and its server that knows enough of Postgres' protocol to be slow, to fall silent, and
//! to lose exactly those answers that say that something is durable.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use rand::{Rng, rngs::StdRng};
use sqlx::postgres::PgConnectOptions;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream, UnixStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
        unix::{OwnedReadHalf as ServerRead, OwnedWriteHalf as ServerWrite},
    },
    sync::watch,
    task::JoinHandle,
};

use super::talk::{Lost, Talk, Verdict};

/// What befalls the wire.
#[derive(Debug)]
pub(super) struct Weather {
    /// Of a hundred durable answers so many are lost, and their connections with them.
    lose: AtomicU32,
    /// Milliseconds that everything takes each way.
    delay: AtomicU64,
    still: watch::Sender<bool>,
    chance: Mutex<StdRng>,
    lost: Lost,
    asked: AtomicUsize,
}

/// The wire. Dropping it cuts every connection.
#[derive(Debug)]
pub(super) struct Wire {
    url: String,
    weather: Arc<Weather>,
    accepting: JoinHandle<()>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Wire {
    /// Begins before the server of this URL, which listens on a socket in a directory.
    pub(super) async fn before(url: &str, chance: StdRng) -> Self {
        let options: PgConnectOptions = url.parse().expect("the server's own URL");
        let directory = options.get_socket().expect("it listens on a socket");
        let socket = directory.join(format!(".s.PGSQL.{}", options.get_port()));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let (account, rest) = url.split_once('@').expect("account@place");
        let database = rest.split(['/', '?']).nth(1).expect("place/database");
        let weather = Arc::new(Weather {
            lose: AtomicU32::new(0),
            delay: AtomicU64::new(0),
            still: watch::Sender::new(false),
            chance: Mutex::new(chance),
            lost: Lost::default(),
            asked: AtomicUsize::new(0),
        });
        Self {
            url: format!("{account}@127.0.0.1:{port}/{database}?sslmode=disable"),
            accepting: tokio::spawn(accept(listener, socket, Arc::clone(&weather))),
            weather,
        }
    }

    /// The server, through this wire.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// From now on, of a hundred answers to commits so many are lost.
    pub(super) fn lose(&self, percent: u32) {
        self.weather.lose.store(percent, Ordering::Relaxed);
    }

    /// From now on a round trip takes so long.
    pub(super) fn round_trip(&self, time: Duration) {
        let each_way = u64::try_from(time.as_millis() / 2).expect("small");
        self.weather.delay.store(each_way, Ordering::Relaxed);
    }

    /// Nothing passes any more, in either direction, and nobody is told; or it passes again.
    pub(super) fn still(&self, still: bool) {
        self.weather.still.send_replace(still);
    }

    /// How many answers were lost.
    pub(super) fn lost(&self) -> usize {
        self.weather.lost.count()
    }

    /// Which answers were lost.
    pub(super) fn losses(&self) -> String {
        self.weather.lost.to_string()
    }

    /// How often the server was asked something.
    pub(super) fn asked(&self) -> usize {
        self.weather.asked.load(Ordering::Relaxed)
    }
}

impl Weather {
    /// As long as it takes for something to pass.
    async fn pass(&self) {
        let each_way = self.delay.load(Ordering::Relaxed);
        if each_way > 0 {
            tokio::time::sleep(Duration::from_millis(each_way)).await;
        }
        let mut still = self.still.subscribe();
        // The sender lives as long as this does.
        drop(still.wait_for(|still| !still).await);
    }

    fn loses(&self) -> bool {
        let lose = self.lose.load(Ordering::Relaxed);
        let mut chance = self.chance.lock().expect("nobody panics with it");
        lose > 0 && chance.random_range(0..100) < lose
    }
}

async fn accept(listener: TcpListener, socket: PathBuf, weather: Arc<Weather>) {
    // Ends with the wire, and every connection with it.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else {
            continue;
        };
        let (socket, weather) = (socket.clone(), Arc::clone(&weather));
        connections.spawn(async move {
            weather.pass().await;
            // Without a server the client is hung up on.
            if let Ok(server) = UnixStream::connect(socket).await {
                connect(client, server, &weather).await;
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn connect(client: TcpStream, server: UnixStream, weather: &Weather) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let talk = Mutex::new(Talk::default());
    tokio::select! {
        () = ask(from_client, to_server, &talk, weather) => {}
        () = answer(from_server, to_client, &talk, weather) => {}
    }
}

async fn ask(mut from: OwnedReadHalf, mut to: ServerWrite, talk: &Mutex<Talk>, weather: &Weather) {
    let mut chunk = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut chunk).await {
        let questions = talk
            .lock()
            .expect("nobody panics with it")
            .asked(&chunk[..read]);
        weather.asked.fetch_add(questions, Ordering::Relaxed);
        weather.pass().await;
        if to.write_all(&chunk[..read]).await.is_err() {
            return;
        }
    }
}

/// Holds an answer back until it is whole, and then passes it on or loses it.
async fn answer(
    mut from: ServerRead,
    mut to: OwnedWriteHalf,
    talk: &Mutex<Talk>,
    weather: &Weather,
) {
    let mut chunk = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut chunk).await {
        let verdicts = talk
            .lock()
            .expect("nobody panics with it")
            .answered(&chunk[..read]);
        for verdict in verdicts {
            let whole = match verdict {
                Verdict::Durable(what, _) if weather.loses() => return weather.lost.add(what),
                Verdict::Durable(_, whole) | Verdict::Other(whole) => whole,
            };
            weather.pass().await;
            if to.write_all(&whole).await.is_err() {
                return;
            }
        }
    }
}
