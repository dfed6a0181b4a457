//! The order of a list of tasks, and where a page of it ends.

use chrono::{DateTime, SecondsFormat, Utc};
use poem_openapi::Enum;
use uuid::Uuid;

use crate::{
    api::wire::Cursor,
    error::{Error, Result},
    services::{lists::Order, tasks::TaskRow},
};

/// In which order tasks are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
pub(super) enum TaskSort {
    /// Newest first.
    #[default]
    #[oai(rename = "-created")]
    Newest,
    /// Oldest first.
    #[oai(rename = "created")]
    Oldest,
    /// Changed last first.
    #[oai(rename = "-updated")]
    Changed,
    /// Changed longest ago first.
    #[oai(rename = "updated")]
    Unchanged,
}

impl TaskSort {
    /// The place of a task in this order.
    pub(super) fn of(self, row: &TaskRow) -> String {
        match self {
            Self::Newest | Self::Oldest => row.id.to_string(),
            Self::Changed | Self::Unchanged => {
                let at = row.updated_at.to_rfc3339_opts(SecondsFormat::Micros, true);
                format!("{at}/{}", row.id)
            }
        }
    }

    /// The place that a cursor leads behind.
    pub(super) fn place(
        self,
        cursor: Option<Cursor>,
    ) -> Result<(Option<Uuid>, Option<DateTime<Utc>>)> {
        if matches!(self, Self::Newest | Self::Oldest) {
            return Ok((Cursor::id(cursor)?, None));
        }
        let Some(Cursor(place)) = cursor else {
            return Ok((None, None));
        };
        let read = || {
            let (at, id) = place.split_once('/')?;
            Some((id.parse().ok()?, at.parse().ok()?))
        };
        let (id, at) = read().ok_or_else(|| {
            Error::field("cursor", "was not handed out by this list in this order")
        })?;
        Ok((Some(id), Some(at)))
    }
}

impl From<TaskSort> for Order {
    fn from(sort: TaskSort) -> Self {
        match sort {
            TaskSort::Newest => Self::Newest,
            TaskSort::Oldest => Self::Oldest,
            TaskSort::Changed => Self::Changed,
            TaskSort::Unchanged => Self::Unchanged,
        }
    }
}
