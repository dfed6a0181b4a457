//! Connections whose other end has left are over. The server goes on awaiting an answer when nothing more comes in, and
//! one that is a stream would keep its place until its next word.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use poem::{
    http::uri::Scheme,
    listener::{Acceptor, TcpAcceptor},
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// Accepts connections that end when their other end leaves.
pub struct Attentive(pub TcpAcceptor);

impl Acceptor for Attentive {
    type Io = Line;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.0.local_addr()
    }

    async fn accept(&mut self) -> io::Result<(Line, LocalAddr, RemoteAddr, Scheme)> {
        let (socket, local, remote, scheme) = self.0.accept().await?;
        let line = Line {
            socket,
            left: false,
        };
        Ok((line, local, remote, scheme))
    }
}

/// One connection. Where nothing more will be read, nothing can be written.
pub struct Line {
    socket: TcpStream,
    left: bool,
}

impl Line {
    /// To write through, while somebody is there.
    fn out(self: Pin<&mut Self>) -> io::Result<Pin<&mut TcpStream>> {
        match self.left {
            true => Err(io::ErrorKind::BrokenPipe.into()),
            false => Ok(Pin::new(&mut self.get_mut().socket)),
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (before, room) = (buf.filled().len(), buf.remaining());
        ready!(Pin::new(&mut self.socket).poll_read(cx, buf))?;
        self.left |= room > 0 && buf.filled().len() == before;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.out()?.poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.out()?.poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.out()?.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(cx)
    }
}
