//! What many operations share on the wire: ids with a prefix, pages, fields that may be cleared, keys of requests.
//! What may not live here: operations.

/// What the framework asks of every type, for one whose values have no parts.
macro_rules! whole {
    () => {
        const IS_REQUIRED: bool = true;

        type RawValueType = Self;

        type RawElementValueType = Self;

        fn as_raw_value(&self) -> Option<&Self::RawValueType> {
            Some(self)
        }

        fn raw_element_iter<'a>(
            &'a self,
        ) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
            Box::new(std::iter::once(self))
        }
    };
}

mod done;
mod id;
mod nullable;
mod opened;
mod page;
mod role;
mod sort;
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
    sort::{AgeSort, NamedSort},
    tagged::{Tagged, TaggedNew, seen},
    text::Text,
    who::Who,
};
