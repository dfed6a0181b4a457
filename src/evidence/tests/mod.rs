//! The room's tests: against what real programs printed, and against what they might.
