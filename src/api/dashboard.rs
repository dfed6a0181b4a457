//! The dashboard, from the binary: the files of `frontend/dist` as they were when it was compiled. Everything that is
//! not of the API is its affair; which page an address means, it decides itself.

use std::{borrow::Cow, sync::Arc};

use poem::{
    Endpoint, IntoResponse, Request, Response,
    http::{
        Method, StatusCode,
        header::{ETAG, IF_NONE_MATCH},
    },
};
use rust_embed::RustEmbed;

/// What the dashboard may load and speak to: us.
const PAGE_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; object-src 'none'; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// The addresses of the API and of its documents.
const OURS: [&str; 7] = [
    "/api",
    "/docs",
    "/openapi.json",
    "/openapi.yaml",
    "/healthz",
    "/readyz",
    "/metrics",
];

/// Where the build puts files whose names change with their content.
const HASHED: &str = "assets/";
const PAGE: &str = "index.html";

#[derive(RustEmbed)]
#[folder = "frontend/dist"]
#[allow_missing = true]
struct Files;

/// Where files come from.
type Find = fn(&str) -> Option<File>;

/// A file, and a name of its content.
struct File {
    bytes: Cow<'static, [u8]>,
    media_type: String,
    tag: String,
}

/// Middleware: answers what is not of the API.
pub(super) async fn serve<E: Endpoint>(next: Arc<E>, request: Request) -> poem::Result<Response> {
    serve_from(next, request, embedded).await
}

async fn serve_from<E: Endpoint>(
    next: Arc<E>,
    request: Request,
    find: Find,
) -> poem::Result<Response> {
    let path = request.uri().path();
    let reading = [Method::GET, Method::HEAD].contains(request.method());
    let of_api = OURS.iter().any(|ours| {
        let rest = path.strip_prefix(ours);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    if of_api || !reading {
        return next.call(request).await.map(IntoResponse::into_response);
    }
    let name = path.trim_start_matches('/');
    let hashed = name.starts_with(HASHED);
    let found = find(name).filter(|_| !name.is_empty());
    Ok(match found {
        Some(file) => answer(&request, file, hashed),
        // A file that is no longer there is not a page: a script must not be answered with one.
        None if hashed => StatusCode::NOT_FOUND.into_response(),
        None => match find(PAGE) {
            Some(page) => answer(&request, page, false),
            None => not_built(),
        },
    })
}

fn answer(request: &Request, file: File, hashed: bool) -> Response {
    let lasting = if hashed {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known = request.headers().get(IF_NONE_MATCH);
    let known = known
        .and_then(|known| known.to_str().ok())
        .unwrap_or_default();
    let same = known
        .split(',')
        .any(|tag| tag.trim().trim_start_matches("W/") == file.tag);
    let response = Response::builder()
        .header(ETAG, &file.tag)
        .header("cache-control", lasting)
        .header("content-security-policy", PAGE_POLICY);
    if same {
        return response.status(StatusCode::NOT_MODIFIED).finish();
    }
    response
        .content_type(&file.media_type)
        .body(file.bytes.into_owned())
}

fn embedded(name: &str) -> Option<File> {
    use std::fmt::Write;
    let file = Files::get(name)?;
    let hash = file.metadata.sha256_hash();
    let tag = hash.iter().take(16).fold(String::new(), |mut tag, byte| {
        // Writing to a string cannot fail.
        let _ = write!(tag, "{byte:02x}");
        tag
    });
    Some(File {
        media_type: media_type(name).to_owned(),
        bytes: file.data,
        tag: format!("\"{tag}\""),
    })
}

/// The types of what a build of the dashboard consists of.
fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("webp") => "image/webp",
        Some("woff2") => "font/woff2",
        Some("wasm") => "application/wasm",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn not_built() -> Response {
    Response::builder()
        .content_type("text/html; charset=utf-8")
        .header("cache-control", "no-cache")
        .header("content-security-policy", PAGE_POLICY)
        .body(include_str!("dashboard.html"))
}

#[cfg(test)]
mod tests {
    use poem::{EndpointExt as _, endpoint::make_sync, test::TestClient};

    use super::*;

    fn built(name: &str) -> Option<File> {
        let text = match name {
            "index.html" => "<!doctype html>",
            "assets/app-1a2b.js" => "go()",
            "icon.svg" => "<svg/>",
            _ => return None,
        };
        Some(File {
            bytes: text.as_bytes().into(),
            media_type: media_type(name).to_owned(),
            tag: format!("\"{}\"", text.len()),
        })
    }

    fn client(find: Find) -> TestClient<impl Endpoint> {
        let api = make_sync(|_| "the API");
        TestClient::new(api.around(move |next, request| serve_from(next, request, find)))
    }

    #[tokio::test]
    async fn files_pages_and_the_api_are_told_apart() {
        let client = client(built);
        for (path, status, text, lasting) in [
            ("/", 200, "<!doctype html>", "no-cache"),
            ("/tasks/task_1", 200, "<!doctype html>", "no-cache"),
            ("/insights?by=model", 200, "<!doctype html>", "no-cache"),
            ("/apiary", 200, "<!doctype html>", "no-cache"),
            ("/icon.svg", 200, "<svg/>", "no-cache"),
            (
                "/assets/app-1a2b.js",
                200,
                "go()",
                "public, max-age=31536000, immutable",
            ),
            ("/assets/app-0000.js", 404, "", ""),
            ("/assets/../index.html", 404, "", ""),
            ("/api/v1/version", 200, "the API", ""),
            ("/api", 200, "the API", ""),
            ("/metrics", 200, "the API", ""),
        ] {
            let response = client.get(path).send().await;
            assert_eq!(response.0.status().as_u16(), status, "{path}");
            let told = response
                .0
                .header("cache-control")
                .unwrap_or_default()
                .to_owned();
            assert_eq!(told, lasting, "{path}");
            assert_eq!(
                response.0.into_body().into_string().await.unwrap(),
                text,
                "{path}"
            );
        }
        let posted = client.post("/tasks").send().await;
        posted.assert_text("the API").await;
    }

    #[tokio::test]
    async fn a_page_loads_from_us_alone_and_is_not_sent_twice() {
        let client = client(built);
        let page = client.get("/").send().await;
        let policy = page.0.header("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"));
        let tag = page.0.header("etag").unwrap().to_owned();
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}")] {
            let again = client.get("/").header("if-none-match", known).send().await;
            again.assert_status(StatusCode::NOT_MODIFIED);
        }
    }

    #[tokio::test]
    async fn without_a_build_a_page_says_how_to_make_one() {
        let page = client(|_| None).get("/tasks").send().await;
        page.assert_status_is_ok();
        let text = page.0.into_body().into_string().await.unwrap();
        assert!(text.contains("make dashboard") && text.contains("/docs"));
    }
}
