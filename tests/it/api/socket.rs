//! What happens, over a WebSocket, on a server as it ships.

use std::net::SocketAddr;

use codegraph::{api, services::access::Role};
use futures::StreamExt as _;
use poem::{
    Server,
    listener::{Acceptor as _, Listener as _, TcpListener},
};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _},
};
use uuid::Uuid;

use super::{
    declared::check_frame,
    seed::{self, shown},
    stage::Stage,
};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The server of this test; it ends with it.
async fn serve(stage: &Stage) -> SocketAddr {
    let acceptor = TcpListener::bind("127.0.0.1:0")
        .into_acceptor()
        .await
        .unwrap();
    let address = *acceptor.local_addr()[0].as_socket_addr().unwrap();
    let routes = api::routes(stage.state.clone());
    tokio::spawn(Server::new_with_acceptor(acceptor).run(routes));
    tokio::spawn(stage.state.feed.clone().run(stage.db.pool.clone()));
    address
}

/// A WebSocket, or the status with which it was refused.
async fn open(
    address: SocketAddr,
    query: &str,
    headers: &[(&'static str, &str)],
) -> Result<Socket, u16> {
    let url = format!("ws://{address}/api/v1/ws{query}");
    let mut request = url.into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

async fn frame(socket: &mut Socket) -> Value {
    loop {
        let next = tokio::time::timeout(std::time::Duration::from_secs(20), socket.next());
        if let Message::Text(text) = next.await.unwrap().unwrap().unwrap() {
            let frame = serde_json::from_str(&text).unwrap();
            check_frame(&frame);
            return frame;
        }
    }
}

async fn journal(stage: &Stage, run: Uuid, from: i32, to: i32) {
    sqlx::query(
        "insert into events (run_id, seq, step_no, epoch, kind, data)
         select $1, s, 1, 1, 'activity.started', jsonb_build_object('key', 'thing ' || s) from generate_series($2::int, $3) s",
    )
    .bind(run)
    .bind(from)
    .bind(to)
    .execute(&stage.db.pool)
    .await
    .unwrap();
}

#[tokio::test]
async fn a_socket_tells_what_the_stream_tells_and_goes_on_where_it_broke_off() {
    let stage = Stage::new().await;
    let ann = stage.person(Role::Member).await;
    let repository = seed::repository(&stage, &ann, "shop", false).await;
    let task = seed::task(&stage, repository, &ann, "One").await;
    let run = seed::run(&stage, task, None).await;
    journal(&stage, run, 1, 3).await;
    let address = serve(&stage).await;
    let bearer = format!("Bearer {}", ann.access);
    let by_token = [("authorization", bearer.as_str())];

    let query = format!("?run={}&after=1", shown("run", run));
    let mut socket = open(address, &query, &by_token).await.unwrap();
    for seq in [2, 3] {
        let event = frame(&mut socket).await;
        assert_eq!(
            (&event["type"], &event["event"]["seq"]),
            (&"run_event".into(), &seq.into())
        );
    }
    journal(&stage, run, 4, 4).await;
    let told = "select pg_notify('codegraph_changed', $1)";
    // Until the server listens, nobody hears.
    let moved = run.simple().to_string();
    let teller = async {
        loop {
            sqlx::query(told)
                .bind(&moved)
                .execute(&stage.db.pool)
                .await
                .unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    let fourth = async {
        loop {
            let next = frame(&mut socket).await;
            if next["type"] == "run_event" {
                return next["event"]["seq"].clone();
            }
        }
    };
    tokio::select! {
        seq = fourth => assert_eq!(seq, 4),
        () = teller => unreachable!(),
    }
    drop(socket);
    let mut again = open(
        address,
        &format!("?run={}&after=3", shown("run", run)),
        &by_token,
    )
    .await
    .unwrap();
    assert_eq!(frame(&mut again).await["event"]["seq"], 4);
    drop(again);

    let bob = stage.person(Role::Member).await;
    let bob = format!("Bearer {}", bob.access);
    let refused = [
        (query.as_str(), "authorization", bob.as_str(), 404),
        ("?run=task_1", "authorization", bearer.as_str(), 422),
        ("?after=-1", "authorization", bearer.as_str(), 422),
        ("?after=1&then=2", "authorization", bearer.as_str(), 422),
        ("?topics=weather", "authorization", bearer.as_str(), 422),
        ("", "x-nobody", "", 401),
    ];
    for (query, name, value, status) in refused {
        assert_eq!(
            open(address, query, &[(name, value)]).await.err(),
            Some(status),
            "{query}"
        );
    }
    stage.db.forget().await;
}

#[tokio::test]
async fn a_foreign_page_cannot_open_a_socket_with_somebodys_cookies() {
    let stage = Stage::new().await;
    let ann = stage.person(Role::Member).await;
    let address = serve(&stage).await;
    let jar = format!("codegraph_access={}", ann.access);
    let ours = format!("http://{address}");
    for (origin, status) in [
        (None, Some(403)),
        (Some("https://evil.example"), Some(403)),
        (Some("null"), Some(403)),
        (Some("http://127.0.0.1:1"), Some(403)),
        (Some(ours.as_str()), None),
    ] {
        let mut headers = vec![("cookie", jar.as_str())];
        headers.extend(origin.map(|origin| ("origin", origin)));
        assert_eq!(
            open(address, "", &headers).await.err(),
            status,
            "{origin:?}"
        );
    }
    // A token is shown by no page that was not given it.
    let bearer = format!("Bearer {}", ann.access);
    let headers = [
        ("authorization", bearer.as_str()),
        ("origin", "https://tools.example.org"),
    ];
    assert!(open(address, "", &headers).await.is_ok());
    stage.db.forget().await;
}
