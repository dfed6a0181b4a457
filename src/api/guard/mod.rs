//! What stands around every operation: limits of size and time, headers that keep browsers careful, other sites,
//! compression. What may not live here: who asks, and anything about what is asked.

pub(super) mod body;
pub(super) mod compression;
pub(super) mod cors;
pub(super) mod deadline;
pub(super) mod headers;
pub(super) mod methods;
pub(super) mod refusals;
#[cfg(test)]
mod tests;
