//! Where a run stands, in the words people are shown. The database says which (`run_status`, migration 8), because lists
//! are searched by it.

use std::str::FromStr;

use crate::error::{Error, Result};

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// Where a run stands, and a task with its newest run.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Status {
            $($(#[$doc])* $name,)*
        }

        impl Status {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As the database says it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

statuses! {
    /// Nothing has been started yet.
    New = "new",
    /// Its task waits for others.
    WaitingForTasks = "waiting_for_tasks",
    /// It waits for a place.
    Queued = "queued",
    /// A plan is being made.
    Planning = "planning",
    /// It works, or goes on by itself in a moment.
    Running = "running",
    /// A person has to decide on its plan.
    AwaitingPlan = "awaiting_plan",
    /// A person has to answer a question.
    AwaitingAnswer = "awaiting_answer",
    /// A person has to raise its budget.
    AwaitingBudget = "awaiting_budget",
    /// A person has to decide on what it has done.
    AwaitingDelivery = "awaiting_delivery",
    /// A person has paused it.
    Paused = "paused",
    /// It came to a good end.
    Succeeded = "succeeded",
    /// It came to an end that a person has to look at.
    NeedsHuman = "needs_human",
    /// A person or the reviewer turned it down.
    Rejected = "rejected",
    /// It could not go on.
    Failed = "failed",
    /// A person has ended it.
    Canceled = "canceled",
}

impl Status {
    /// Whether a person has to say something before it goes on.
    #[must_use]
    pub fn awaits_person(self) -> bool {
        matches!(
            self,
            Self::AwaitingPlan
                | Self::AwaitingAnswer
                | Self::AwaitingBudget
                | Self::AwaitingDelivery
        )
    }

    /// Whether the run is over.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::NeedsHuman | Self::Rejected | Self::Failed | Self::Canceled
        )
    }
}

impl FromStr for Status {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|status| status.as_str() == word);
        found
            .copied()
            .ok_or_else(|| Error::Internal(format!("`{word}` is not where a run can stand")))
    }
}
