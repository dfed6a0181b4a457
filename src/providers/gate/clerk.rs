//! Requests that a command makes to the gate itself and not through it: whoever keeps the gate may have somebody there who
//! answers. What may not live here: what they are about.

use std::convert::Infallible;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::PATIENCE;
use super::tally::Tally;

/// The longest body of a request; vendors of models take no longer ones.
const LONGEST: usize = 32 << 20;

/// As much of a request is looked at to see whether it is to us.
const BEGINNING: usize = 32;

/// Somebody at the gate who answers what a command asks.
pub trait Clerk: Debug + Send + Sync {
    /// Answers one request.
    fn attend(&self, errand: Errand) -> BoxFuture<'_, Answer>;
}

/// A request, whole.
#[derive(Debug, Clone)]
pub struct Errand {
    /// Its verb.
    pub method: Method,
    /// The path, with what stands behind its question mark.
    pub target: String,
    /// Headers as the command wrote them.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// What is answered.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// Headers about the content.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body, piece by piece. One that breaks off breaks the connection.
    pub body: BoxStream<'static, Result<Vec<u8>, String>>,
    /// Why it was refused, for whoever reads the command's output.
    pub refused: Option<String>,
}

impl Answer {
    /// A whole body of JSON.
    pub fn json(status: StatusCode, body: Vec<u8>) -> Self {
        let kind = HeaderValue::from_static("application/json");
        Self {
            status,
            headers: vec![(http::header::CONTENT_TYPE, kind)],
            body: stream::iter([Ok(body)]).boxed(),
            refused: None,
        }
    }
}

/// Whether what comes first is a request to the gate itself: its target is a path, where proxies are told a whole address.
pub(super) async fn is_meant(client: &TcpStream) -> bool {
    let looked = timeout(PATIENCE, async {
        let mut seen = [0; BEGINNING];
        loop {
            let length = client.peek(&mut seen).await.unwrap_or_default();
            let space = seen[..length].iter().position(|byte| *byte == b' ');
            match space.and_then(|at| seen[..length].get(at + 1)) {
                Some(next) => return *next == b'/',
                None if length == 0 || length == BEGINNING => return false,
                // A look does not take anything away, so nobody says when there is more.
                None => sleep(Duration::from_millis(5)).await,
            }
        }
    });
    looked.await.unwrap_or_default()
}

/// Answers all requests of a connection.
pub(super) async fn serve(client: TcpStream, clerk: Arc<dyn Clerk>, tally: Tally) {
    let service = service_fn(move |request: Request<Incoming>| {
        let (clerk, tally) = (clerk.clone(), tally.clone());
        async move { Ok::<_, Infallible>(answer(request, &*clerk, &tally).await) }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(client), service);
    // The command hangs up as it likes.
    drop(connection.await);
}

type Body = UnsyncBoxBody<Bytes, String>;

type Piece = Result<Frame<Bytes>, String>;

async fn answer(request: Request<Incoming>, clerk: &dyn Clerk, tally: &Tally) -> Response<Body> {
    let (head, body) = request.into_parts();
    let target = head.uri.path_and_query();
    let target = target.map_or("/", |target| target.as_str()).to_owned();
    let place = format!("{} {}", head.method, head.uri.path());
    let place: String = place.chars().take(100).collect();
    let Some(body) = whole(body).await else {
        tally.refused(&place, "the request is too long, or broke off");
        let mut refused = Response::new(StreamBody::new(stream::empty::<Piece>()).boxed_unsync());
        *refused.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return refused;
    };
    let errand = Errand {
        method: head.method,
        target,
        headers: head.headers,
        body,
    };
    let answer = clerk.attend(errand).await;
    if let Some(why) = &answer.refused {
        tally.refused(&place, why);
    }
    let frames = answer.body.map_ok(|piece| Frame::data(Bytes::from(piece)));
    let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
    *response.status_mut() = answer.status;
    response.headers_mut().extend(answer.headers);
    response
}

/// All of a body; nothing when it is too long. That one is heard to its end as well, within reason: who still speaks does
/// not hear an answer.
async fn whole(mut body: Incoming) -> Option<Vec<u8>> {
    let (mut whole, mut length) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else {
            continue;
        };
        length += data.len();
        match length {
            ..=LONGEST => whole.extend_from_slice(&data),
            _ => whole = Vec::new(),
        }
        if length > 4 * LONGEST {
            return None;
        }
    }
    (length <= LONGEST).then_some(whole)
}
