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
use poem_openapi::types::{ParseFromParameter as _, ToJSON as _};
use serde::Deserialize;
use tokio::{
    sync::Mutex,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

use super::{
    ApiState, Problem, auth,
    stream::{self, Frame},
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    run: Option<String>,
    after: Option<String>,
}

/// Opens a WebSocket for somebody who may follow what happens.
pub(super) async fn open(request: Request, state: ApiState) -> Result<Response, poem::Error> {
    let caller = auth::caller(&request).await?;
    let shown = auth::shown(&request)?;
    if let Some(permission) = permission_of("stream") {
        caller.may(permission).map_err(Problem::from)?;
    }
    check_page(&request, &state)?;
    let asked: Asked = request
        .params()
        .map_err(|_| Problem::from(Error::Invalid("takes `run` and `after`".to_owned())))?;
    let run = asked
        .run
        .as_deref()
        .map(Id::<kind::Run>::parse_from_parameter);
    let run = run
        .transpose()
        .map_err(|error| Problem::from(Error::field("run", error.into_message())))?;
    let after = asked.after.as_deref().map(str::parse::<i32>).transpose();
    let after = after.ok().filter(|after| after.unwrap_or_default() >= 0);
    let after = after.ok_or_else(|| Problem::from(Error::field("after", "is no position")))?;
    let (request, mut body) = request.split();
    let socket = WebSocket::from_request(&request, &mut body).await?;
    let frames = stream::follow(
        &state,
        caller,
        shown,
        run.map(|id| id.0),
        after.unwrap_or_default(),
    );
    let frames = frames.await?;
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
