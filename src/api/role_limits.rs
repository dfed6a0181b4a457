//! What roles may use, on the wire: of a task, and of all tasks on a repository.

use std::collections::BTreeMap;

use poem_openapi::Object;
use workflows::definitions::coding;

/// What one conversation of a role may use; what is left out is as usual.
#[derive(Debug, Clone, Copy, Default, Object)]
#[oai(rename = "RoleLimit", skip_serializing_if_is_none, deny_unknown_fields)]
pub(in crate::api) struct Limit {
    /// Turns: answers of the model.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000")))]
    turns: Option<i32>,
    /// Money, in millionths of a US dollar.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000")))]
    usd_micros: Option<i64>,
}

/// What the conversations of each role may use; a role that is left out has the usual.
#[derive(Debug, Clone, Copy, Default, Object)]
#[oai(
    rename = "RoleLimits",
    skip_serializing_if_is_none,
    deny_unknown_fields
)]
pub(in crate::api) struct Limits {
    /// Of who plans (25 turns, $0.75).
    planner: Option<Limit>,
    /// Of who writes the code (120 turns, $5).
    coder: Option<Limit>,
    /// Of who looks into failing tests (30 turns, $1).
    tester: Option<Limit>,
    /// Of who reviews (40 turns, $1.50).
    reviewer: Option<Limit>,
}

impl From<Limits> for BTreeMap<String, coding::RoleLimits> {
    fn from(limits: Limits) -> Self {
        let roles = [
            ("planner", limits.planner),
            ("coder", limits.coder),
            ("tester", limits.tester),
            ("reviewer", limits.reviewer),
        ];
        let said = |limit: Limit| coding::RoleLimits {
            turns: limit.turns,
            usd_micros: limit.usd_micros,
        };
        roles
            .into_iter()
            .filter_map(|(role, limit)| Some((role.to_owned(), said(limit?))))
            .filter(|(_, limit)| *limit != coding::RoleLimits::default())
            .collect()
    }
}

impl Limits {
    /// As they are shown; nothing when none is set.
    pub(in crate::api) fn of(limits: &BTreeMap<String, coding::RoleLimits>) -> Option<Self> {
        let role = |name: &str| {
            limits.get(name).map(|limit| Limit {
                turns: limit.turns,
                usd_micros: limit.usd_micros,
            })
        };
        (!limits.is_empty()).then(|| Self {
            planner: role("planner"),
            coder: role("coder"),
            tester: role("tester"),
            reviewer: role("reviewer"),
        })
    }
}
