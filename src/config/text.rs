//! Reading values. A variable is always text, TOML has types; both arrive here as text, and one
//! parser per type decides. `lanes = ["agents", "checks"]` reads like `CODEGRAPH_LANES=agents,checks`.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// A value on its way to a type: the text a person wrote.
pub(super) struct Text(pub(super) String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor).map(Self)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number, true or false, or a list of them")
    }

    fn visit_str<E>(self, value: &str) -> Result<String, E> {
        Ok(value.trim().to_owned())
    }

    fn visit_bool<E>(self, value: bool) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_u64<E>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_i64<E>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_f64<E>(self, value: f64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<String, A::Error> {
        let mut items = Vec::new();
        while let Some(Text(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(items.join(","))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<String, A::Error> {
        let mut items = Vec::new();
        while let Some((key, Text(value))) = map.next_entry::<String, Text>()? {
            items.push(format!("{key}={value}"));
        }
        Ok(items.join(","))
    }
}

/// A whole number from `MIN` to `MAX`.
pub(super) fn number<'de, D, const MIN: u32, const MAX: u32>(from: D) -> Result<u32, D::Error>
where
    D: Deserializer<'de>,
{
    let Text(text) = Text::deserialize(from)?;
    let fits = text.parse().ok().filter(|n| (MIN..=MAX).contains(n));
    fits.ok_or_else(|| {
        D::Error::custom(format!(
            "`{text}` is not a whole number from {MIN} to {MAX}"
        ))
    })
}

/// Seconds from `MIN` to `MAX`, fractions allowed.
pub(super) fn seconds<'de, D, const MIN: u32, const MAX: u32>(from: D) -> Result<Duration, D::Error>
where
    D: Deserializer<'de>,
{
    let Text(text) = Text::deserialize(from)?;
    let fits = text
        .parse()
        .ok()
        .filter(|n| (f64::from(MIN)..=f64::from(MAX)).contains(n));
    fits.map(Duration::from_secs_f64).ok_or_else(|| {
        D::Error::custom(format!(
            "`{text}` is not a number of seconds from {MIN} to {MAX}"
        ))
    })
}

/// Yes or no, in the words people use for it.
pub(super) fn switch<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    let Text(text) = Text::deserialize(from)?;
    match text.to_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err(D::Error::custom(format!(
            "`{text}` is neither true nor false"
        ))),
    }
}

/// A path, when one is given.
pub(super) fn path<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
    let Text(text) = Text::deserialize(from)?;
    Ok((!text.is_empty()).then(|| PathBuf::from(text)))
}

/// A secret, when one is given.
pub(super) fn secret<'de, D>(from: D) -> Result<Option<SecretString>, D::Error>
where
    D: Deserializer<'de>,
{
    let Text(text) = Text::deserialize(from)?;
    Ok((!text.is_empty()).then(|| SecretString::from(text)))
}
