//! The four roles: what each is told, and how much each may use.

use std::fmt;

use workflows::definitions::coding::RoleLimits;

/// Who speaks to a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Reads and plans; changes nothing.
    Planner,
    /// Changes the working tree.
    Coder,
    /// Looks into failing tests.
    Tester,
    /// The tester, writing a test that shows the fault.
    Reproducer,
    /// Judges the difference.
    Reviewer,
    /// The reviewer, comparing several.
    Chooser,
}

/// What one conversation of a role may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Turns.
    pub(super) turns: i32,
    /// Millionths of a dollar.
    pub(super) usd_micros: i64,
    /// Tokens of one answer.
    pub(super) max_tokens: u32,
}

impl Role {
    /// The word for it: stored data.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planner => "planner",
            Self::Coder => "coder",
            Self::Tester | Self::Reproducer => "tester",
            // To whoever asks who speaks, and which model does, these are the same.
            Self::Reviewer | Self::Chooser => "reviewer",
        }
    }

    /// What a conversation of the role may use; what a person has chosen wins.
    pub(super) fn limits(self, chosen: Option<&RoleLimits>) -> Limits {
        let (turns, usd_micros) = match self {
            Self::Planner => (25, 750_000),
            Self::Coder => (120, 5_000_000),
            Self::Tester | Self::Reproducer => (30, 1_000_000),
            Self::Reviewer | Self::Chooser => (40, 1_500_000),
        };
        Limits {
            turns: chosen.and_then(|own| own.turns).unwrap_or(turns),
            usd_micros: chosen.and_then(|own| own.usd_micros).unwrap_or(usd_micros),
            max_tokens: 16_000,
        }
    }

    /// How hard its model thinks, where it can be told: code is written with all it has, judged and planned with less, and
    /// looking into failures takes little.
    pub(super) fn effort(self) -> &'static str {
        match self {
            Self::Coder => "high",
            Self::Planner | Self::Reproducer | Self::Reviewer | Self::Chooser => "medium",
            Self::Tester => "low",
        }
    }

    /// The instructions, the same for every task of an edition.
    pub(super) fn prompt(self, edition: u16) -> String {
        let (own, rules) = if edition == 0 {
            let own = match self {
                Self::Planner => include_str!("prompts/planner.md"),
                Self::Coder => include_str!("prompts/first/coder.md"),
                Self::Tester => include_str!("prompts/first/tester.md"),
                Self::Reproducer => include_str!("prompts/reproducer.md"),
                Self::Reviewer => include_str!("prompts/first/reviewer.md"),
                Self::Chooser => include_str!("prompts/chooser.md"),
            };
            (own, include_str!("prompts/first/rules.md"))
        } else {
            let own = match self {
                Self::Planner => include_str!("prompts/planner.md"),
                Self::Coder => include_str!("prompts/coder.md"),
                Self::Tester => include_str!("prompts/tester.md"),
                Self::Reproducer => include_str!("prompts/reproducer.md"),
                Self::Reviewer => include_str!("prompts/reviewer.md"),
                Self::Chooser => include_str!("prompts/chooser.md"),
            };
            (own, include_str!("prompts/rules.md"))
        };
        let asking = match edition {
            0 | 1 => "",
            _ => concat!("\n", include_str!("prompts/asking.md")),
        };
        format!("{own}\n{rules}{asking}")
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
