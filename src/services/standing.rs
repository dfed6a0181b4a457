//! Where a run stands, in the words people are shown.

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nothing has been started yet.
    New,
    /// It waits for a place.
    Queued,
    /// It works, or goes on by itself in a moment.
    Running,
    /// It waits for a person.
    Waiting,
    /// A person has paused it.
    Paused,
    /// It came to its end.
    Succeeded,
    /// It could not go on.
    Failed,
    /// A person has ended it.
    Canceled,
}

/// What a run waits for a person to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitingFor {
    /// To decide on its plan.
    Plan,
    /// To answer a question.
    Answer,
    /// To raise its budget.
    Budget,
    /// To decide on what it has done.
    Delivery,
}

/// What is known of a run's head and end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// How it ended.
    pub outcome: Option<&'a str>,
    /// Where its head is.
    pub state: Option<&'a str>,
    /// Whether it is paused.
    pub paused: bool,
    /// What kind of thing it waits for.
    pub waits: Option<&'a str>,
    /// Signals that would end the wait.
    pub waits_for: Option<&'a [String]>,
}

impl Facts<'_> {
    /// Where it stands.
    #[must_use]
    pub fn status(&self) -> Status {
        match (self.outcome, self.state) {
            (Some("succeeded"), _) => Status::Succeeded,
            (Some("canceled"), _) => Status::Canceled,
            (Some(_), _) => Status::Failed,
            (None, None) => Status::New,
            _ if self.paused => Status::Paused,
            (None, Some("queued" | "ready")) => Status::Queued,
            (None, Some("waiting")) if self.waits == Some("signal") => Status::Waiting,
            (None, Some(_)) => Status::Running,
        }
    }

    /// What it waits for a person to do.
    #[must_use]
    pub fn waiting_for(&self) -> Option<WaitingFor> {
        use workflows::definitions::coding::{
            ANSWERED, BUDGET_RAISED, DELIVERY_DECIDED, PLAN_DECIDED,
        };
        if self.outcome.is_some() || self.waits != Some("signal") {
            return None;
        }
        let signal = self.waits_for?.first()?.as_str();
        match signal {
            PLAN_DECIDED => Some(WaitingFor::Plan),
            ANSWERED => Some(WaitingFor::Answer),
            BUDGET_RAISED => Some(WaitingFor::Budget),
            DELIVERY_DECIDED => Some(WaitingFor::Delivery),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_word() {
        let facts = Facts::default();
        assert_eq!(facts.status(), Status::New);
        let state = |state| Facts {
            state: Some(state),
            ..facts
        };
        assert_eq!(state("ready").status(), Status::Queued);
        assert_eq!(state("running").status(), Status::Running);
        let waits = Facts {
            waits: Some("timer"),
            ..state("waiting")
        };
        assert_eq!(waits.status(), Status::Running, "it goes on by itself");
        let names = ["plan_decided".to_owned()];
        let asks = Facts {
            waits: Some("signal"),
            waits_for: Some(&names),
            ..state("waiting")
        };
        assert_eq!(
            (asks.status(), asks.waiting_for()),
            (Status::Waiting, Some(WaitingFor::Plan))
        );
        let paused = Facts {
            paused: true,
            ..asks
        };
        assert_eq!(paused.status(), Status::Paused);
        let over = Facts {
            outcome: Some("canceled"),
            ..asks
        };
        assert_eq!(
            (over.status(), over.waiting_for()),
            (Status::Canceled, None)
        );
    }
}
