//! A network that belongs to one command, and the one door in it.
//!
//! The command's own process makes the network before bubblewrap begins, opens the door there (a socket that listens)
//! and hands it to the worker. A socket stays in the network it was made in: the worker lets in who knocks inside,
//! from outside, and nothing of ours has to live behind the wall.

use std::io::{self, IoSliceMut};
use std::mem::{MaybeUninit, size_of, size_of_val};
use std::net::TcpListener;
use std::os::fd::{AsRawFd, OwnedFd};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SocketFlags, SocketType,
};

use super::super::super::gate::{ADDRESS, PORT};
use super::super::Error;
use super::supervisor::check;

/// What programs look for, in both spellings.
const PROXIES: [&str; 6] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
];

/// Our end: where the door is handed over.
#[derive(Debug)]
pub(super) struct Handle(OwnedFd);

/// The end of the command's process, prepared before the fork.
#[derive(Debug)]
pub(super) struct Door {
    theirs: OwnedFd,
    users: Vec<u8>,
    groups: Vec<u8>,
}

/// Both ends.
pub(super) fn pair() -> Result<(Handle, Door), Error> {
    let (ours, theirs) = rustix::net::socketpair(
        AddressFamily::UNIX,
        SocketType::STREAM,
        SocketFlags::CLOEXEC,
        None,
    )
    .map_err(Error::system("open a pair of sockets"))?;
    let same = |id: u32| format!("{id} {id} 1").into_bytes();
    let door = Door {
        theirs,
        users: same(rustix::process::geteuid().as_raw()),
        groups: same(rustix::process::getegid().as_raw()),
    };
    Ok((Handle(ours), door))
}

/// What tells programs of the door.
pub(super) fn environment() -> impl Iterator<Item = (&'static str, String)> {
    let proxies = PROXIES.map(|name| (name, ADDRESS.to_owned()));
    let own = ["NO_PROXY", "no_proxy"].map(|name| (name, "localhost,127.0.0.1,::1".to_owned()));
    let node = ("NODE_USE_ENV_PROXY", "1".to_owned());
    proxies.into_iter().chain(own).chain([node])
}

impl Handle {
    /// Takes the door; it has been handed over when the command has begun.
    pub(super) fn take(self) -> Result<TcpListener, Error> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut byte = [0];
        let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
        rustix::net::recvmsg(
            &self.0,
            &mut [IoSliceMut::new(&mut byte)],
            &mut control,
            flags,
        )
        .map_err(Error::system("take over a socket"))?;
        let handed = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut files) => files.next(),
            _ => None,
        });
        let listener = handed.ok_or_else(|| {
            Error::Wall("the network of a command was made without a door".to_owned())
        })?;
        Ok(listener.into())
    }
}

impl Door {
    /// Makes the network and opens the door in it.
    ///
    /// # Safety
    ///
    /// Only between fork and exec: system calls on memory of this frame and of `self`.
    pub(super) unsafe fn open(&self) -> io::Result<()> {
        // SAFETY: the caller's promise; pointers are to memory of this frame, whose zeroes are valid.
        unsafe {
            check(libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNET))?;
            write(c"/proc/self/setgroups", b"deny")?;
            write(c"/proc/self/uid_map", &self.users)?;
            write(c"/proc/self/gid_map", &self.groups)?;
            let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC;
            let socket = libc::socket(libc::AF_INET, kind, 0);
            check(socket)?;
            let mut device: libc::ifreq = std::mem::zeroed();
            for (to, from) in device.ifr_name.iter_mut().zip(b"lo") {
                *to = libc::c_char::from_ne_bytes([*from]);
            }
            check(libc::ioctl(socket, libc::SIOCGIFFLAGS, &raw mut device))?;
            device.ifr_ifru.ifru_flags |= UP;
            check(libc::ioctl(socket, libc::SIOCSIFFLAGS, &raw const device))?;
            let mut address: libc::sockaddr_in = std::mem::zeroed();
            address.sin_family = FAMILY;
            address.sin_port = PORT.to_be();
            address.sin_addr.s_addr = u32::from_be_bytes([127, 0, 0, 1]).to_be();
            let length = size_of::<libc::sockaddr_in>() as libc::socklen_t;
            check(libc::bind(socket, (&raw const address).cast(), length))?;
            check(libc::listen(socket, 128))?;
            hand_over(self.theirs.as_raw_fd(), socket)?;
            check(libc::close(socket))
        }
    }
}

const UP: libc::c_short = libc::IFF_UP as libc::c_short;
const FAMILY: libc::sa_family_t = libc::AF_INET as libc::sa_family_t;

/// Sends one descriptor, with a byte to carry it.
unsafe fn hand_over(to: libc::c_int, file: libc::c_int) -> io::Result<()> {
    const BYTES: libc::c_uint = size_of::<libc::c_int>() as libc::c_uint;
    // SAFETY: all pointers are to memory of this frame, large enough for one descriptor and aligned for a header.
    unsafe {
        let byte = [0_u8];
        let mut carried = libc::iovec {
            iov_base: byte.as_ptr().cast_mut().cast(),
            iov_len: 1,
        };
        let mut control = [0_u64; 8];
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = &raw mut carried;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = libc::CMSG_SPACE(BYTES) as _;
        debug_assert!(size_of_val(&control) >= libc::CMSG_SPACE(BYTES) as usize);
        let header = libc::CMSG_FIRSTHDR(&raw const message);
        (*header).cmsg_level = libc::SOL_SOCKET;
        (*header).cmsg_type = libc::SCM_RIGHTS;
        (*header).cmsg_len = libc::CMSG_LEN(BYTES) as _;
        libc::CMSG_DATA(header)
            .cast::<libc::c_int>()
            .write_unaligned(file);
        let sent = libc::sendmsg(to, &raw const message, libc::MSG_NOSIGNAL);
        check(libc::c_int::try_from(sent).unwrap_or(-1))
    }
}

unsafe fn write(path: &std::ffi::CStr, content: &[u8]) -> io::Result<()> {
    // SAFETY: reads from memory that outlives the call.
    unsafe {
        let file = libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        check(file)?;
        let written = libc::write(file, content.as_ptr().cast(), content.len());
        let answer = check(libc::c_int::try_from(written).unwrap_or(-1));
        libc::close(file);
        answer
    }
}
