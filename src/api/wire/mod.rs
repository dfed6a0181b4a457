//! What many operations share on the wire: ids with a prefix, pages, fields that may be cleared, keys of requests.
//! What may not live here: operations.

mod done;
mod id;
mod nullable;
mod opened;
mod page;
mod role;
mod tagged;
mod text;
mod who;

pub(super) use self::{
    done::{Created, Done},
    id::{Id, kind},
    nullable::Nullable,
    opened::Opened,
    page::{Cursor, Limit},
    role::Role,
    tagged::{Tagged, TaggedNew, seen},
    text::Text,
    who::Who,
};
