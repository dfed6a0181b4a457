//! Following a run: the stream of its events, taken up again by position wherever it breaks off.

use std::time::{Duration, Instant};

use eventsource_stream::Eventsource as _;
use futures::{Stream, StreamExt as _, stream};
use reqwest::Response;

use super::{failure::Failure, operations, server::Server, wire::Frame};

/// The server says something every 15 seconds; whoever is silent for so long is gone.
const SILENCE: Duration = Duration::from_secs(45);
/// Pause before the next try, doubled each time.
const PAUSE: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);
/// How long a server may be away.
const PATIENCE: Duration = Duration::from_secs(300);

/// Tells every event of a run after a position, once, until it ends; returns how it ended. `tell` is given each message
/// as it came and as it is understood.
pub(super) async fn follow(
    server: &Server,
    run: &str,
    after: i64,
    mut tell: impl FnMut(&str, &Frame) -> Result<(), Failure>,
) -> Result<String, Failure> {
    let mut seq = after;
    let mut tries = Tries::default();
    loop {
        let asked = server.ask(operations::STREAM, &[]).query("run", run);
        let asked = asked.query("after", &seq).open();
        // The first word comes at once.
        let opened = tokio::time::timeout(SILENCE, asked).await;
        let nothing = |_| Err(server.silent("it says nothing".to_owned()));
        let broken = match opened.unwrap_or_else(nothing) {
            Ok(response) => {
                let before = seq;
                match listen(response, &mut seq, &mut tell).await? {
                    Left::Ended(status) => return Ok(status),
                    Left::Broken(why) => {
                        tries.worked(seq > before);
                        server.silent(why)
                    }
                }
            }
            // Whoever has never answered is most likely not there at all.
            Err(failure) if failure.may_pass() && tries.opened => failure,
            Err(failure) => return Err(failure),
        };
        tries.wait(broken).await?;
    }
}

/// Why a stream was left.
enum Left {
    Ended(String),
    Broken(String),
}

async fn listen(
    response: Response,
    seq: &mut i64,
    tell: &mut impl FnMut(&str, &Frame) -> Result<(), Failure>,
) -> Result<Left, Failure> {
    let mut messages = Box::pin(audible(response).eventsource());
    while let Some(message) = messages.next().await {
        let data = match message {
            Ok(message) => message.data,
            Err(error) => return Ok(Left::Broken(error.to_string())),
        };
        let frame: Frame = serde_json::from_str(&data)
            .map_err(|error| Failure::Here(format!("a message makes no sense: {error}")))?;
        match &frame {
            // Told before the last one broke off.
            Frame::RunEvent { event } if event.seq <= *seq => continue,
            Frame::RunEvent { event } => *seq = event.seq,
            _ => {}
        }
        tell(&data, &frame)?;
        if let Frame::End { status } = frame {
            return Ok(Left::Ended(status));
        }
    }
    Ok(Left::Broken("the stream broke off".to_owned()))
}

/// What comes, until nothing comes for too long.
fn audible(response: Response) -> impl Stream<Item = Result<Vec<u8>, reqwest::Error>> {
    stream::unfold(Box::pin(response.bytes_stream()), |mut bytes| async {
        let part = tokio::time::timeout(SILENCE, bytes.next()).await;
        let part = part.ok().flatten()?;
        Some((part.map(|part| part.to_vec()), bytes))
    })
}

/// How often it was tried in vain.
#[derive(Default)]
struct Tries {
    /// Whether it ever answered.
    opened: bool,
    /// Tries since something came.
    in_vain: u32,
    /// Since when it does not answer.
    since: Option<Instant>,
}

impl Tries {
    /// The server is there; whether it had something to tell.
    fn worked(&mut self, came: bool) {
        self.opened = true;
        self.since = None;
        if came {
            self.in_vain = 0;
        }
    }

    /// Waits for the next try, or gives up.
    async fn wait(&mut self, broken: Failure) -> Result<(), Failure> {
        if self.since.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
            return Err(broken);
        }
        if self.in_vain == 1 {
            eprintln!("codegraph: {broken}; trying again");
        }
        let pause = PAUSE.saturating_mul(1 << self.in_vain.min(5));
        self.in_vain += 1;
        tokio::time::sleep(pause.min(LONGEST)).await;
        Ok(())
    }
}
