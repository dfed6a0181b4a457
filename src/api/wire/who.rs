//! A person in a query: by id, or whoever asks.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromParameter, ParseResult, Type},
};
use uuid::Uuid;

use super::{Id, kind};
use crate::services::access::Caller;

/// A person: `me`, or an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::api) enum Who {
    /// Whoever asks.
    Me,
    /// This one.
    Id(Id<kind::User>),
}

impl Who {
    /// The person.
    pub(in crate::api) fn of(&self, caller: &Caller) -> Uuid {
        match self {
            Self::Me => caller.user,
            Self::Id(id) => id.0,
        }
    }
}

impl Type for Who {
    whole!();

    fn name() -> Cow<'static, str> {
        "person".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            pattern: Some("^(me|user_[0-9a-f]{32})$".to_owned()),
            example: Some("me".into()),
            ..MetaSchema::new("string")
        }))
    }
}

impl ParseFromParameter for Who {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        if value == "me" {
            return Ok(Self::Me);
        }
        Id::parse_from_parameter(value)
            .map(Self::Id)
            .map_err(|error| ParseError::custom(error.into_message()))
    }
}
