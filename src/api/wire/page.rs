//! Pages: a list hands out a cursor with which it goes on. A cursor is opaque to callers; inside is the place of the
//! last row, so that rows added meanwhile shift nothing.

use std::{borrow::Cow, fmt::Display, str::FromStr};

use chrono::{DateTime, SecondsFormat, Utc};
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromParameter, ParseResult, Type},
};
use serde_json::Value;

use crate::Error;

/// Where a list goes on: what the page before handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::api) struct Cursor(pub(in crate::api) String);

impl Cursor {
    /// The cursor that leads behind this place.
    pub(in crate::api) fn after(place: &str) -> String {
        use std::fmt::Write;
        place.bytes().fold(String::from("c"), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// Cuts one row more than wanted down to a page, and says where the next begins.
    pub(in crate::api) fn page<R, P: ToString>(
        mut rows: Vec<R>,
        most: i64,
        place: impl Fn(&R) -> P,
    ) -> (Vec<R>, Option<String>) {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let more = rows.len() > most;
        rows.truncate(most);
        let last = rows.last().filter(|_| more);
        let next = last.map(|row| Self::after(&place(row).to_string()));
        (rows, next)
    }

    /// The cursor behind the last of these rows, when they fill a page: there may be more.
    pub(in crate::api) fn behind<T>(
        rows: &[T],
        most: i64,
        place: impl FnOnce(&T) -> String,
    ) -> Option<String> {
        let full = i64::try_from(rows.len()).is_ok_and(|count| count >= most);
        let last = rows.last().filter(|_| full);
        last.map(|row| Self::after(&place(row)))
    }

    /// The place of what is in order by a moment and, where several have the same, by this.
    pub(in crate::api) fn moment(at: DateTime<Utc>, by: impl Display) -> String {
        format!("{}/{by}", at.to_rfc3339_opts(SecondsFormat::Micros, true))
    }

    /// The place behind which a list goes on.
    pub(in crate::api) fn one<A: FromStr>(cursor: Option<Self>) -> Result<Option<A>, Error> {
        let Some(Self(place)) = cursor else {
            return Ok(None);
        };
        place.parse().map(Some).map_err(|_| foreign())
    }

    /// The same of a list that is in order by two things: `one/other`.
    pub(in crate::api) fn two<A: FromStr, B: FromStr>(
        cursor: Option<Self>,
    ) -> Result<Option<(A, B)>, Error> {
        let Some(Self(place)) = cursor else {
            return Ok(None);
        };
        let both = place
            .split_once('/')
            .and_then(|(one, other)| Some((one.parse().ok()?, other.parse().ok()?)));
        both.map(Some).ok_or_else(foreign)
    }

    /// What stands in one of the form that is declared; whether a list handed it out, the list finds out.
    fn place(text: &str) -> Option<String> {
        let hex = text.strip_prefix('c')?;
        let well_formed = hex.len() >= 2
            && hex.len().is_multiple_of(2)
            && hex.bytes().all(|b| b"0123456789abcdef".contains(&b));
        if !well_formed {
            return None;
        }
        let bytes = (0..hex.len()).step_by(2);
        let bytes: Option<Vec<u8>> = bytes
            .map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok())
            .collect();
        Some(String::from_utf8_lossy(&bytes?).into_owned())
    }
}

fn foreign() -> Error {
    Error::field("cursor", "was not handed out by this list")
}

impl Type for Cursor {
    whole!();

    fn name() -> Cow<'static, str> {
        "cursor".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            pattern: Some("^c([0-9a-f]{2})+$".to_owned()),
            max_length: Some(300),
            ..MetaSchema::new("string")
        }))
    }
}

impl ParseFromParameter for Cursor {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        Self::place(value)
            .map(Self)
            .ok_or_else(|| ParseError::custom("this cursor was not handed out by a list"))
    }
}

/// How many items a page may hold: 1 to 200, 50 when nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::api) struct Limit(i64);

const USUAL: i64 = 50;
const MOST: i64 = 200;

impl Limit {
    /// The number.
    pub(in crate::api) fn of(limit: Option<Self>) -> i64 {
        limit.map_or(USUAL, |limit| limit.0)
    }
}

impl Type for Limit {
    whole!();

    fn name() -> Cow<'static, str> {
        "limit".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            minimum: Some(1.0),
            maximum: Some(MOST as f64),
            default: Some(Value::from(USUAL)),
            ..MetaSchema::new("integer")
        }))
    }
}

impl ParseFromParameter for Limit {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        match value.parse() {
            Ok(number @ 1..=MOST) => Ok(Self(number)),
            _ => Err(ParseError::custom(format!(
                "expected a number from 1 to {MOST}"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_place_and_nothing_else_is_one() {
        let cursor = Cursor::after("2026-01-01T00:00:00Z/ä");
        assert_eq!(
            Cursor::place(&cursor).as_deref(),
            Some("2026-01-01T00:00:00Z/ä")
        );
        for wrong in ["", "c", "c1", "cxx", "cFF", "x00"] {
            assert_eq!(Cursor::place(wrong), None, "{wrong}");
        }
    }
}
