//! A field of a PATCH that may be left alone, set, or cleared with `null`. The framework's own type for this does not
//! say in the document that `null` is allowed, so that a typed client could not send it. Not to be declared with `default`: the
//! framework then takes `null` for nothing said.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::{ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

/// What a caller said about a field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::api) enum Nullable<T> {
    /// Nothing: it stays as it is.
    #[default]
    Left,
    /// It is to be empty.
    Cleared,
    /// It is to be this.
    Set(T),
}

impl<T> Nullable<T> {
    /// Nothing when it stays as it is; else what it becomes.
    pub(in crate::api) fn change(self) -> Option<Option<T>> {
        match self {
            Self::Left => None,
            Self::Cleared => Some(None),
            Self::Set(value) => Some(Some(value)),
        }
    }
}

impl<T: Type> Type for Nullable<T> {
    const IS_REQUIRED: bool = false;

    type RawValueType = T::RawValueType;

    type RawElementValueType = T::RawElementValueType;

    fn name() -> Cow<'static, str> {
        format!("nullable<{}>", T::name()).into()
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref().merge(MetaSchema {
            nullable: true,
            ..MetaSchema::ANY
        })
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        match self {
            Self::Set(value) => value.as_raw_value(),
            Self::Left | Self::Cleared => None,
        }
    }

    fn raw_element_iter<'a>(
        &'a self,
    ) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
        match self {
            Self::Set(value) => value.raw_element_iter(),
            Self::Left | Self::Cleared => Box::new(std::iter::empty()),
        }
    }
}

impl<T: ParseFromJSON> ParseFromJSON for Nullable<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            None => Ok(Self::Left),
            Some(Value::Null) => Ok(Self::Cleared),
            Some(value) => T::parse_from_json(Some(value))
                .map(Self::Set)
                .map_err(poem_openapi::types::ParseError::propagate),
        }
    }
}

impl<T: ToJSON> ToJSON for Nullable<T> {
    fn to_json(&self) -> Option<Value> {
        match self {
            Self::Left => None,
            Self::Cleared => Some(Value::Null),
            Self::Set(value) => value.to_json(),
        }
    }
}
