//! What happens, as it happens, over a WebSocket: the frames of `stream`, for programs that speak this rather than
//! server-sent events. It only tells; what comes from the other side is not read, but that it comes shows that somebody
//! is there.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _, stream::BoxStream};
use poem::{
    FromRequest as _, IntoResponse as _, Request, Response,
    http::header::{AUTHORIZATION, ORIGIN},
    web::websocket::{CloseCode, Message, WebSocket, WebSocketConfig, WebSocketStream},
};
use poem_openapi::types::{ParseFromParameter, ToJSON as _};
use tokio::{
    sync::Mutex,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

use super::{
    ApiState, Problem, auth,
    stream::{self, Asked, Frame, Topic},
    wire::{Id, kind},
};
use crate::{Error, services::access::permission_of};

/// The other side is asked so often whether it is still there.
const PING: Duration = Duration::from_secs(15);
/// One that has said nothing for so long, not even that it is there, is gone.
const GONE: Duration = Duration::from_secs(45);
/// One that does not take a message within so long is hung up on: it comes back with `after`.
const STUCK: Duration = Duration::from_secs(30);

/// Nobody has anything long to say here.
const WORDS: usize = 4_096;

/// Opens a WebSocket for somebody who may follow what happens.
pub(super) async fn open(request: Request, state: ApiState) -> Result<Response, poem::Error> {
    let caller = auth::caller(&request).await?;
    let shown = auth::shown(&request)?;
    if let Some(permission) = permission_of("stream") {
        caller.may(permission).map_err(Problem::from)?;
    }
    check_page(&request, &state)?;
    let asked = asked(&request)?;
    let (request, mut body) = request.split();
    let socket = WebSocket::from_request(&request, &mut body).await?;
    let frames = stream::follow(&state, caller, shown, asked).await?;
    // What is handed over must be shareable, though nobody shares it.
    let frames = Mutex::new(frames);
    let words = WebSocketConfig::default()
        .max_message_size(Some(WORDS))
        .max_frame_size(Some(WORDS));
    let socket = socket.config(words);
    Ok(socket
        .on_upgrade(|socket| tell(socket, frames.into_inner()))
        .into_response())
}

/// What the address asks for, in the words of `stream`.
fn asked(request: &Request) -> Result<Asked, Problem> {
    let refused = || Error::Invalid("takes `run`, `after` and `topics`".to_owned());
    let said: Vec<(String, String)> = request.params().map_err(|_| refused())?;
    let mut asked = Asked::default();
    for (name, word) in said {
        match name.as_str() {
            "run" => asked.run = Some(parsed::<Id<kind::Run>>("run", &word)?.0),
            "after" => {
                let after = word.parse().ok().filter(|after| *after >= 0);
                asked.after = after.ok_or_else(|| Error::field("after", "is no position"))?;
            }
            "topics" => asked.topics.push(parsed::<Topic>("topics", &word)?),
            _ => return Err(refused().into()),
        }
    }
    Ok(asked)
}

fn parsed<T: ParseFromParameter>(name: &'static str, word: &str) -> Result<T, Problem> {
    let parsed = T::parse_from_parameter(word);
    Ok(parsed.map_err(|error| Error::field(name, error.into_message()))?)
}

/// Browsers let any page open a WebSocket to anywhere, with the cookies of that place, and only tell from which page: so
/// one that comes with cookies must come from ours and say so. A token is shown by programs and by nobody unknowingly.
fn check_page(request: &Request, state: &ApiState) -> Result<(), Problem> {
    if request.headers().contains_key(AUTHORIZATION) {
        return Ok(());
    }
    if !request.headers().contains_key(ORIGIN) {
        let why = "a WebSocket with cookies says from which page it comes (`Origin`)";
        return Err(Error::Forbidden(why.to_owned()).into());
    }
    Ok(auth::check_page(request, &state.web)?)
}

/// Tells until either side has had enough. A reader that is slow holds up its own frames and nobody else's: what moves
/// meanwhile waits in a list of limited length, and when that has run over the reader is told to look for itself.
async fn tell(socket: WebSocketStream, mut frames: BoxStream<'static, Frame>) {
    let (mut out, mut back) = socket.split();
    let mut ping = interval(PING);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    loop {
        let message = tokio::select! {
            frame = frames.next() => match frame {
                Some(frame) => Message::text(frame.to_json_string()),
                None => Message::close_with(CloseCode::Restart, "come back"),
            },
            word = back.next() => match word {
                Some(Ok(word)) if !word.is_close() => {
                    heard = Instant::now();
                    continue;
                }
                _ => return,
            },
            _ = ping.tick() => {
                if heard.elapsed() > GONE {
                    return;
                }
                Message::ping(Vec::new())
            }
        };
        let last = message.is_close();
        match timeout(STUCK, out.send(message)).await {
            Ok(Ok(())) if !last => {}
            _ => return,
        }
    }
}
