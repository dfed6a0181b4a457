//! The orders that lists share.

use poem_openapi::Enum;

use crate::services::lists::Place;

/// In which order of age.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
pub(in crate::api) enum AgeSort {
    /// Newest first.
    #[default]
    #[oai(rename = "-created")]
    Newest,
    /// Oldest first.
    #[oai(rename = "created")]
    Oldest,
}

impl AgeSort {
    /// Whether the oldest come first.
    pub(in crate::api) fn oldest_first(self) -> bool {
        self == Self::Oldest
    }
}

/// In which order of age or name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(in crate::api) enum NamedSort {
    /// Newest first.
    #[oai(rename = "-created")]
    Newest,
    /// Oldest first.
    #[oai(rename = "created")]
    Oldest,
    /// By name, capitals like small letters.
    #[oai(rename = "name")]
    Name,
}

impl From<NamedSort> for Place {
    fn from(sort: NamedSort) -> Self {
        match sort {
            NamedSort::Newest => Self::Newest,
            NamedSort::Oldest => Self::Oldest,
            NamedSort::Name => Self::Name,
        }
    }
}
