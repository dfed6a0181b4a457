//! What many operations share on the wire: ids with a prefix, pages, fields that may be cleared, keys of requests.
//! What may not live here: operations.

mod done;
mod id;
mod nullable;
mod page;
mod role;

pub(super) use self::{
    done::{Created, Done},
    id::{Id, kind},
    nullable::Nullable,
    page::{Cursor, Limit},
    role::Role,
};
