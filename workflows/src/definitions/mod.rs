//! The workflows. One file each: a name, a version and `next`, which reads like the sentence it implements.
//! What may not live here: anything that is not a pure function of the history.

pub mod coding;
pub mod drill;
pub mod step;

use crate::definition::Definition;

/// Every workflow of the product, each version that may still be in flight.
pub const ALL: [Definition; 9] = [
    coding::V1,
    coding::V2,
    coding::V3,
    coding::V4,
    coding::ATTEMPT_V1,
    coding::ATTEMPT_V2,
    coding::ATTEMPT_V3,
    drill::V1,
    step::V1,
];
