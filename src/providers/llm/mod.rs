//! Models: one call over the wire, its answer as it was said. What may not live here: conversations, budgets,
//! retries over time (only the rule for them).
