//! The dashboard's way in: cookies, and what keeps other pages from using them.

use codegraph::services::access::Role;
use poem::http::Method;
use serde_json::json;

use super::stage::{Answer, Call, Person, Stage};

const PASSWORD: &str = "correct horse battery";

async fn signed_in(stage: &Stage) -> Answer {
    let code = stage.state.accounts.setup_code().await.unwrap().unwrap();
    let body = json!({"code": code, "email": "ada@example.org", "name": "Ada", "password": PASSWORD,
                      "session": "cookie"});
    stage.post("/api/v1/auth/setup", body).send().await
}

fn jar(cookies: &[(String, String, String)]) -> String {
    let pairs = cookies
        .iter()
        .map(|(name, value, _)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("; ")
}

/// A change of one's name, with this person's cookies.
fn change<'a>(stage: &'a Stage, person: &Person) -> Call<'a> {
    let jar = format!(
        "codegraph_access={}; codegraph_csrf={}",
        person.access, person.csrf
    );
    let call = stage.call(Method::PATCH, "/api/v1/auth/me");
    call.json(json!({"name": "New"})).header("cookie", &jar)
}

#[tokio::test]
async fn cookies_are_closed_to_scripts_and_to_other_sites() {
    for (settings, secure) in [
        (&[][..], false),
        (&[("CODEGRAPH_PUBLIC_URL", "https://codegraph.test")], true),
    ] {
        let stage = Stage::with(settings).await;
        let answer = signed_in(&stage).await;
        let cookies = answer.cookies();
        assert_eq!(answer.headers["cache-control"], "no-store");
        let body = answer.expect(201);
        assert_eq!(
            (&body["access_token"], &body["refresh_token"]),
            (&json!(null), &json!(null))
        );
        let end = if secure { "; Secure" } else { "" };
        let seen: Vec<_> = cookies
            .iter()
            .map(|(name, _, rest)| (name.as_str(), rest.clone()))
            .collect();
        assert_eq!(
            seen,
            [
                (
                    "codegraph_access",
                    format!("Path=/; Max-Age=1800; SameSite=Strict; HttpOnly{end}")
                ),
                (
                    "codegraph_csrf",
                    format!("Path=/; Max-Age=604800; SameSite=Strict{end}")
                ),
                (
                    "codegraph_refresh",
                    format!("Path=/api/v1/auth; Max-Age=604800; SameSite=Strict; HttpOnly{end}")
                ),
            ]
        );
        assert_eq!(body["csrf_token"], cookies[1].1);

        let me = stage
            .get("/api/v1/auth/me")
            .header("cookie", &jar(&cookies));
        assert_eq!(me.send().await.expect(200)["email"], "ada@example.org");
        let refresh = || {
            stage
                .post("/api/v1/auth/refresh", json!({}))
                .header("cookie", &jar(&cookies))
        };
        refresh().send().await.expect(403);
        refresh()
            .header("x-csrf-token", "guess")
            .send()
            .await
            .expect(403);
        let fresh = refresh().header("x-csrf-token", &cookies[1].1).send().await;
        let next = fresh.cookies();
        fresh.expect(200);
        assert_eq!(
            next[1].1, cookies[1].1,
            "a page that is open need not hear of it"
        );
        assert_ne!(next[2].1, cookies[2].1);

        let gone = stage
            .post("/api/v1/auth/logout", json!({}))
            .header("cookie", &jar(&next))
            .send()
            .await;
        assert!(
            gone.cookies()
                .iter()
                .all(|(_, value, rest)| value.is_empty() && rest.contains("Max-Age=0"))
        );
        gone.expect(204);
        let me = stage.get("/api/v1/auth/me").header("cookie", &jar(&next));
        me.send().await.expect(401);
        stage.finish().await;
    }
}

#[tokio::test]
async fn a_change_with_cookies_comes_from_our_own_page() {
    let stage = Stage::new().await;
    let person = stage.person(Role::Member).await;
    let thief = stage.person(Role::Member).await;
    let good = || change(&stage, &person).header("x-csrf-token", &person.csrf);
    good().send().await.expect(200);
    good()
        .header("origin", "http://codegraph.test")
        .send()
        .await
        .expect(200);
    good()
        .header("sec-fetch-site", "same-origin")
        .send()
        .await
        .expect(200);

    for (what, call) in [
        ("no header", change(&stage, &person)),
        (
            "a guess",
            change(&stage, &person).header("x-csrf-token", "guess"),
        ),
        (
            "from another site",
            good().header("sec-fetch-site", "cross-site"),
        ),
        (
            "from a sister site",
            good().header("sec-fetch-site", "same-site"),
        ),
        (
            "another origin",
            good().header("origin", "http://evil.test"),
        ),
        ("an origin without a name", good().header("origin", "null")),
        (
            "another port",
            good().header("origin", "http://codegraph.test:81"),
        ),
        (
            "two cookies of the name",
            good().header("cookie", "codegraph_csrf=x"),
        ),
    ] {
        assert_eq!(call.send().await.status, 403, "{what}");
    }
    // A sister site may be able to set a cookie: a pair that fits itself, but not the session.
    let planted = Person {
        csrf: thief.csrf.clone(),
        ..person.clone()
    };
    let call = change(&stage, &planted).header("x-csrf-token", &thief.csrf);
    call.send().await.expect(403);
    // What only reads needs none of it.
    let jar = format!("codegraph_access={}", person.access);
    stage
        .get("/api/v1/auth/me")
        .header("cookie", &jar)
        .send()
        .await
        .expect(200);
    // A token that is shown counts, and no cookie beside it.
    let both = stage
        .get("/api/v1/auth/me")
        .header("cookie", &jar)
        .bearer("x.y.z");
    both.send().await.expect(401);
    stage.finish().await;
}
