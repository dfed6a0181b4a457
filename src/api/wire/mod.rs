//! What many operations share on the wire: ids with a prefix, pages, fields that may be cleared, keys of requests.
//! What may not live here: operations.

mod id;
mod nullable;
mod page;

pub(super) use self::{
    id::{Id, kind},
    nullable::Nullable,
    page::{Cursor, Limit},
};
