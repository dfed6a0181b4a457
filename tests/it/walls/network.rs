//! Nobody is reached.

use std::io::ErrorKind;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::time::Duration;

use codegraph::providers::sandbox::{Exit, Network};

use super::bed::{Bed, walls};

#[tokio::test]
async fn neither_tcp_nor_udp_leaves() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        tcp.set_nonblocking(true).unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        udp.set_read_timeout(Some(Duration::from_millis(200)))
            .unwrap();
        let (t, u) = (
            tcp.local_addr().unwrap().port(),
            udp.local_addr().unwrap().port(),
        );
        let line = format!("bash -c 'echo x > /dev/tcp/127.0.0.1/{t}' && echo reached");
        let (exit, output) = bed.run(&wall, &line).await;
        assert!(exit != Exit::Code(0), "{name}: {output}");
        bed.run(&wall, &format!("bash -c 'echo x > /dev/udp/127.0.0.1/{u}'"))
            .await;
        assert_eq!(
            tcp.accept().unwrap_err().kind(),
            ErrorKind::WouldBlock,
            "{name}"
        );
        assert!(
            udp.recv(&mut [0; 8]).is_err(),
            "{name}: a datagram came through"
        );
    }
}

#[tokio::test]
async fn with_the_network_of_the_machine_it_is_there() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = tcp.local_addr().unwrap().port();
        let mut job = bed.job(&format!("bash -c 'echo x > /dev/tcp/127.0.0.1/{port}'"));
        job.network = Network::Machine;
        assert_eq!(wall.run(&job).await.unwrap().exit, Exit::Code(0), "{name}");
        tcp.set_nonblocking(true).unwrap();
        tcp.accept().unwrap();
    }
}

#[tokio::test]
async fn sockets_without_a_name_in_the_file_system_are_out_of_reach() {
    let secret = format!("codegraph-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&secret).unwrap();
    let listener = UnixListener::bind_addr(&address).unwrap();
    listener.set_nonblocking(true).unwrap();
    let connect = format!(
        "perl -e 'use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0) or exit 3; \
         connect(S, pack(\"S a*\", AF_UNIX, \"\\0{secret}\")) or exit 4'"
    );
    for wall in walls().await {
        for network in [Network::None, Network::Machine] {
            let mut job = Bed::new().job(&connect);
            let bed = Bed::new();
            job.workspace = bed.workspace.clone();
            job.network = network.clone();
            let exit = wall.run(&job).await.unwrap().exit;
            assert!(
                matches!(exit, Exit::Code(3 | 4)),
                "{} {network:?}: {exit:?}",
                wall.wall()
            );
        }
    }
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}
