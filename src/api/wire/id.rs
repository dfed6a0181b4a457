//! Ids as the API shows them: a prefix that says what they name, and 32 hexadecimal digits.

use std::{borrow::Cow, fmt, marker::PhantomData};

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type},
};
use serde_json::Value;
use uuid::Uuid;

/// What an id names.
pub(in crate::api) trait Kind: Send + Sync + 'static {
    /// Before the underscore.
    const PREFIX: &'static str;
}

/// An id of one kind: `task_…` is never taken for `run_…`.
pub(in crate::api) struct Id<K>(pub(in crate::api) Uuid, PhantomData<K>);

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K> Eq for Id<K> {}

impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<K> From<Uuid> for Id<K> {
    fn from(id: Uuid) -> Self {
        Self(id, PhantomData)
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", K::PREFIX, self.0.simple())
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: Kind> Id<K> {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(K::PREFIX)?.strip_prefix('_')?;
        let plain = digits.len() == 32
            && digits
                .bytes()
                .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        Uuid::try_parse(digits)
            .ok()
            .filter(|_| plain)
            .map(Self::from)
    }

    fn parsed(text: &str) -> ParseResult<Self> {
        Self::parse(text).ok_or_else(|| {
            let prefix = K::PREFIX;
            ParseError::custom(format!(
                "expected `{prefix}_` followed by 32 lower-case hexadecimal digits"
            ))
        })
    }
}

impl<K: Kind> Type for Id<K> {
    whole!();

    fn name() -> Cow<'static, str> {
        format!("{}_id", K::PREFIX).into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let prefix = K::PREFIX;
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            pattern: Some(format!("^{prefix}_[0-9a-f]{{32}}$")),
            example: Some(format!("{prefix}_0192f0c1a2b37c4d8e9fa0b1c2d3e4f5").into()),
            ..MetaSchema::new("string")
        }))
    }
}

impl<K: Kind> ParseFromJSON for Id<K> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value.unwrap_or_default() {
            Value::String(text) => Self::parsed(&text),
            other => Err(ParseError::expected_type(other)),
        }
    }
}

impl<K: Kind> ParseFromParameter for Id<K> {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        Self::parsed(value)
    }
}

impl<K: Kind> ToJSON for Id<K> {
    fn to_json(&self) -> Option<Value> {
        Some(Value::String(self.to_string()))
    }
}

/// The kinds of ids.
pub(in crate::api) mod kind {
    use super::Kind;

    macro_rules! kinds {
        ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
            $(#[$doc])*
            pub(in crate::api) struct $name;

            impl Kind for $name {
                const PREFIX: &'static str = $prefix;
            }
        )*};
    }

    kinds! {
        /// A person.
        User = "user";
        /// A login.
        Session = "session";
        /// A token of a program.
        Token = "token";
        /// An invitation.
        Invitation = "invite";
        /// A repository.
        Repository = "repo";
        /// What a person asked for.
        Task = "task";
        /// One attempt at a task.
        Run = "run";
        /// A pull request that offers the work of a run.
        PullRequest = "pull";
        /// A review by a person.
        Review = "review";
        /// Something that somebody is told.
        Notification = "note";
        /// A receiver of webhooks.
        Webhook = "webhook";
        /// Something that a receiver is sent.
        Delivery = "delivery";
        /// One agent's conversation.
        AgentRun = "agent";
        /// A call of a model.
        ModelCall = "call";
        /// A use of a tool.
        ToolCall = "tool";
        /// A list that somebody comes back to.
        View = "view";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_and_no_other_kind_is() {
        let id = Id::<kind::Run>::from(Uuid::now_v7());
        assert_eq!(
            Id::<kind::Run>::parse(&id.to_string()).map(|i| i.0),
            Some(id.0)
        );
        assert!(Id::<kind::Task>::parse(&id.to_string()).is_none());
        for wrong in [
            "run_",
            "run_12",
            "run-0192f0c1a2b37c4d8e9fa0b1c2d3e4f5",
            "run_0192F0C1A2B37C4D8E9FA0B1C2D3E4F5",
        ] {
            assert!(Id::<kind::Run>::parse(wrong).is_none(), "{wrong}");
        }
    }
}
