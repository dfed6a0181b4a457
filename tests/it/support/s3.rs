//! A server that speaks the few words of S3 that we use: it keeps what it is given in memory, and answers nobody whose
//! request is not signed as the key's owner signs.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use poem::{
    Body, EndpointExt as _, Request, Response, Server,
    endpoint::make,
    http::{Method, StatusCode},
    listener::{Acceptor as _, Listener as _, TcpListener},
};
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;

/// Who may ask.
const ACCESS: &str = "AKIACODEGRAPHTEST";
const SECRET: &str = "hunter22-hunter22-hunter22";
const BUCKET: &str = "packs";
const REGION: &str = "eu-here-1";

#[derive(Debug, Default)]
struct State {
    contents: BTreeMap<String, Vec<u8>>,
    asked: Vec<String>,
    /// So many requests are answered with 503 first.
    busy: usize,
    /// So many requests showed no signature of the key's owner.
    strangers: usize,
}

/// A server that ends with its owner.
pub(crate) struct S3 {
    port: u16,
    state: Arc<Mutex<State>>,
    serving: JoinHandle<()>,
}

impl S3 {
    pub(crate) async fn start() -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let acceptor = TcpListener::bind("127.0.0.1:0");
        let acceptor = acceptor.into_acceptor().await.unwrap();
        let port = acceptor.local_addr()[0].as_socket_addr().unwrap().port();
        let answers = make(|mut request: Request| async move {
            let body = request.take_body().into_bytes().await.unwrap_or_default();
            let state = request.data::<Arc<Mutex<State>>>().unwrap();
            Ok::<_, poem::Error>(answer(&request, &body, &mut state.lock().unwrap()))
        });
        let server = Server::new_with_acceptor(acceptor).run(answers.data(state.clone()));
        let serving = tokio::spawn(async move { drop(server.await) });
        Self {
            port,
            state,
            serving,
        }
    }

    /// Settings that lead to it, with this secret.
    pub(crate) fn settings(&self, secret: &str) -> Vec<(String, String)> {
        let endpoint = format!("http://127.0.0.1:{}", self.port);
        let settings = [
            ("CODEGRAPH_OBJECT_STORE", "s3://packs/below/here"),
            ("CODEGRAPH_OBJECT_STORE_ABOVE", "0"),
            ("CODEGRAPH_OBJECT_STORE_ENDPOINT", &endpoint),
            ("CODEGRAPH_OBJECT_STORE_REGION", REGION),
            ("CODEGRAPH_OBJECT_STORE_ACCESS_KEY", ACCESS),
            ("CODEGRAPH_OBJECT_STORE_SECRET_KEY", secret),
        ];
        settings
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    /// The same for whoever knows the secret.
    pub(crate) fn own_settings(&self) -> Vec<(String, String)> {
        self.settings(SECRET)
    }

    /// The next requests find it busy.
    pub(crate) fn is_busy(&self, times: usize) {
        self.state.lock().unwrap().busy = times;
    }

    /// Names of what it keeps.
    pub(crate) fn names(&self) -> Vec<String> {
        self.state
            .lock()
            .unwrap()
            .contents
            .keys()
            .cloned()
            .collect()
    }

    /// Exchanges what it keeps under a name.
    pub(crate) fn spoil(&self, name: &str) {
        let mut state = self.state.lock().unwrap();
        state.contents.insert(name.to_owned(), b"other".to_vec());
    }

    /// Methods it was asked, each once, in the order of the alphabet.
    pub(crate) fn verbs(&self) -> Vec<String> {
        let mut asked = self.state.lock().unwrap().asked.clone();
        asked.sort();
        asked.dedup();
        asked
    }

    pub(crate) fn strangers(&self) -> usize {
        self.state.lock().unwrap().strangers
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn answer(request: &Request, body: &[u8], state: &mut State) -> Response {
    let status = |code: StatusCode| Response::builder().status(code).finish();
    if !is_signed(request, body) {
        state.strangers += 1;
        let said = "<Error><Code>SignatureDoesNotMatch</Code></Error>";
        return Response::builder().status(StatusCode::FORBIDDEN).body(said);
    }
    if state.busy > 0 {
        state.busy -= 1;
        return status(StatusCode::SERVICE_UNAVAILABLE);
    }
    state.asked.push(request.method().to_string());
    let path = request.uri().path();
    let Some(name) = path.strip_prefix(&format!("/{BUCKET}/")) else {
        return status(StatusCode::NOT_FOUND);
    };
    match *request.method() {
        Method::PUT => {
            state.contents.insert(name.to_owned(), body.to_vec());
            Response::builder().header("etag", etag(body)).finish()
        }
        Method::GET | Method::HEAD => match state.contents.get(name) {
            Some(content) => Response::builder()
                .header("etag", etag(content))
                .header("last-modified", "Tue, 01 Dec 2026 10:00:00 GMT")
                .header("content-length", content.len())
                .body(Body::from(content.clone())),
            None => Response::builder()
                .status(StatusCode::NOT_FOUND)
                .body("<Error><Code>NoSuchKey</Code></Error>"),
        },
        Method::DELETE => {
            state.contents.remove(name);
            status(StatusCode::NO_CONTENT)
        }
        _ => status(StatusCode::METHOD_NOT_ALLOWED),
    }
}

fn etag(content: &[u8]) -> String {
    format!("\"{:x}\"", Sha256::digest(content))
}

/// Whether the request bears the signature (version 4) that the owner of the secret puts on it, and the body that was
/// signed.
fn is_signed(request: &Request, body: &[u8]) -> bool {
    let shown = request.header("authorization").unwrap_or_default();
    let part = |name: &str| {
        let found = shown.split([' ', ',']).find_map(|part| {
            let value = part.trim().strip_prefix(name)?;
            value.strip_prefix('=')
        });
        found.unwrap_or_default().to_owned()
    };
    let (date, content) = (
        request.header("x-amz-date").unwrap_or_default(),
        request.header("x-amz-content-sha256").unwrap_or_default(),
    );
    if date.len() != 16
        || !matches!(
            content,
            "UNSIGNED-PAYLOAD" | "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
        ) && content != format!("{:x}", Sha256::digest(body))
    {
        return false;
    }
    let scope = format!("{}/{REGION}/s3/aws4_request", &date[..8]);
    let names = part("SignedHeaders");
    let headers: String = names
        .split(';')
        .map(|name| {
            format!(
                "{name}:{}\n",
                request.header(name).unwrap_or_default().trim()
            )
        })
        .collect();
    let (method, uri) = (request.method(), request.uri());
    let canonical = format!(
        "{method}\n{}\n{}\n{headers}\n{names}\n{content}",
        uri.path(),
        uri.query().unwrap_or_default()
    );
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{date}\n{scope}\n{:x}",
        Sha256::digest(canonical)
    );
    let mut key = format!("AWS4{SECRET}").into_bytes();
    for word in [&date[..8], REGION, "s3", "aws4_request"] {
        key = hmac(&key, word.as_bytes());
    }
    let signature: String = hmac(&key, to_sign.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    part("Credential") == format!("{ACCESS}/{scope}") && part("Signature") == signature
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let padded = |with: u8| {
        let mut block = [with; 64];
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        block
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text);
    let outer = Sha256::new().chain_update(padded(0x5c));
    outer.chain_update(inner.finalize()).finalize().to_vec()
}
