//! A run that performs one step and returns its result: what a branch of a fan-out is.

use crate::{
    definition::Definition,
    history::History,
    next::{Next, Step},
};

/// Version 1: the input is the [`Step`].
pub const V1: Definition = Definition {
    name: "step",
    version: 1,
    next,
};

fn next(h: &History) -> Next {
    match serde_json::from_value::<Step>(h.input.clone()) {
        Ok(step) => match h.output(&step.name) {
            None => Next::Run(step),
            Some(output) => Next::Finish(output.clone()),
        },
        Err(error) => Next::Fail(format!("the input is not a step: {error}")),
    }
}
