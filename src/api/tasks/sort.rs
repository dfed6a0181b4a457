//! The order of a list of tasks, and where a page of it ends.

use chrono::{DateTime, Utc};
use poem_openapi::Enum;
use uuid::Uuid;

use crate::{
    api::wire::Cursor,
    error::Result,
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
            Self::Changed | Self::Unchanged => Cursor::moment(row.updated_at, row.id),
        }
    }

    /// The place that a cursor leads behind.
    pub(super) fn place(
        self,
        cursor: Option<Cursor>,
    ) -> Result<(Option<Uuid>, Option<DateTime<Utc>>)> {
        if matches!(self, Self::Newest | Self::Oldest) {
            return Ok((Cursor::one(cursor)?, None));
        }
        let (at, id) = Cursor::two(cursor)?.unzip();
        Ok((id, at))
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
