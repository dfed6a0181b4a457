//! Bytes from one side to the other.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::asked::Asked;
use super::tally::Tally;

/// Why a connection is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// One side has said everything, or is gone.
    Said,
    /// More would have gone through than may.
    Beyond,
}

/// Joins both sides until one of them is done.
pub(super) async fn join(
    mut client: TcpStream,
    mut server: TcpStream,
    asked: &Asked,
    tally: &Tally,
    most: u64,
) -> End {
    let tunnel = asked.head.is_none();
    let begun = match &asked.head {
        None => {
            client
                .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
                .await
        }
        Some(head) => server.write_all(head).await,
    };
    let begun = match begun {
        Ok(()) => server.write_all(&asked.begun).await,
        failed => failed,
    };
    if begun.is_err() {
        return End::Said;
    }
    let (from_client, mut to_client) = client.split();
    let (from_server, mut to_server) = server.split();
    let up = async {
        let limit = if tunnel { u64::MAX } else { asked.rest };
        let end = pour(from_client.take(limit), &mut to_server, tally, most).await;
        if tunnel {
            // One side may be silent and still listen.
            let _ = to_server.shutdown().await;
        }
        end
    };
    let down = async {
        let end = pour(from_server, &mut to_client, tally, most).await;
        let _ = to_client.shutdown().await;
        end
    };
    tokio::pin!(up, down);
    tokio::select! {
        // What the server says last ends it; what the command says last may be its question.
        end = &mut down => end.unwrap_or(End::Said),
        end = &mut up => match end {
            Ok(End::Said) => down.await.unwrap_or(End::Said),
            Ok(End::Beyond) => End::Beyond,
            Err(_) => End::Said,
        },
    }
}

async fn pour(
    mut from: impl AsyncRead + Unpin,
    to: &mut (impl AsyncWrite + Unpin),
    tally: &Tally,
    most: u64,
) -> io::Result<End> {
    let mut piece = vec![0; 16 << 10];
    loop {
        let read = from.read(&mut piece).await?;
        if read == 0 {
            return Ok(End::Said);
        }
        if !tally.moved(read, most) {
            return Ok(End::Beyond);
        }
        to.write_all(&piece[..read]).await?;
    }
}
