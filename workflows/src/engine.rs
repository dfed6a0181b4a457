//! The only loop: ask the definition, perform the step, record what happened and what follows, again.

use std::sync::Arc;

use crate::{
    activity::StepContext,
    definition::Definition,
    failure::{Failure, StepError, storable},
    history::Entry,
    lane::Lane,
    next::{Next, Step},
    ports::{Claimed, Committed, Journal, JournalError, StepEnd, Steps, Then, Transition},
    recorder::Recorder,
};

/// Why the loop ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The run waits, has ended, or goes on in another lane; the journal knows.
    Released,
    /// The run belongs to somebody else; nothing more was or will be written from here.
    Fenced,
    /// The run is still held, and its coming step, named here, is one for another program.
    Unknown(String),
}

/// Works on a claimed run until it ends, waits, moves to another lane or is taken away.
///
/// Killed at any point, the run can be claimed and driven again from the journal alone.
pub async fn drive<J, S>(
    journal: Arc<J>,
    steps: &S,
    definition: &Definition,
    mut claimed: Claimed,
) -> End
where
    J: Journal,
    S: Steps<J>,
{
    let recorder = Arc::new(Recorder::new(journal, &claimed));
    let mut next = (definition.next)(&claimed.history);
    loop {
        let (ended, then) = match next {
            Next::Run(_) if recorder.pausing() => (None, Then::Pause),
            Next::Run(step) if step.lane != claimed.lane => {
                let then = Then::Dispatch {
                    step: step.name.to_string(),
                    lane: step.lane,
                };
                next = Next::Run(step);
                (None, then)
            }
            Next::Run(step) if !steps.knows(&step.name) => {
                return End::Unknown(step.name.to_string());
            }
            Next::Run(step) => match perform(&recorder, steps, &claimed, &step).await {
                Ok(end) => {
                    claimed.history.push(Entry::Step {
                        name: end.name.clone(),
                        output: end.output.clone(),
                    });
                    next = (definition.next)(&claimed.history);
                    (Some(end), follow(&next, claimed.lane, recorder.pausing()))
                }
                Err(StepError::Journal(error)) => return lost(&recorder, &claimed, error).await,
                Err(error) => {
                    next = Next::Run(step.clone());
                    (
                        None,
                        after_failure(&step, claimed.attempt, error, steps.jitter()),
                    )
                }
            },
            other => {
                next = other;
                (None, follow(&next, claimed.lane, false))
            }
        };
        let transition = Transition {
            fence: claimed.fence,
            seq: 0, // the recorder knows
            step_no: claimed.step_no,
            attempt: claimed.attempt,
            ended,
            then,
        };
        match recorder.commit(transition).await {
            Ok(Committed::Held { .. }) => {
                claimed.step_no += 1;
                claimed.attempt = 1;
                claimed.activities.clear();
            }
            Ok(Committed::Released) => return End::Released,
            Err(error) => return lost(&recorder, &claimed, error).await,
        }
    }
}

async fn perform<J, S>(
    recorder: &Arc<Recorder<J>>,
    steps: &S,
    claimed: &Claimed,
    step: &Step,
) -> Result<StepEnd, StepError>
where
    J: Journal,
    S: Steps<J>,
{
    let started = std::time::Instant::now();
    let output = steps
        .call(StepContext::new(recorder, claimed, step.clone()))
        .await?;
    Ok(StepEnd {
        step_no: claimed.step_no,
        name: step.name.to_string(),
        attempt: claimed.attempt,
        duration: started.elapsed(),
        output,
    })
}

/// What to write for a decision made in lane `here`.
fn follow(next: &Next, here: Lane, pausing: bool) -> Then {
    match next {
        Next::Run(_) if pausing => Then::Pause,
        Next::Run(step) if step.lane == here => Then::Continue {
            step: step.name.to_string(),
        },
        Next::Run(step) => Then::Dispatch {
            step: step.name.to_string(),
            lane: step.lane,
        },
        Next::Wait(wait) => Then::Wait(wait.clone()),
        Next::Spawn { name, children } => Then::Spawn {
            name: name.to_string(),
            children: children.clone(),
        },
        Next::Finish(output) => Then::Finish(output.clone()),
        Next::Fail(reason) => Then::Fail(Failure::of_run(storable(reason))),
    }
}

fn after_failure(step: &Step, attempt: u16, error: StepError, jitter: f64) -> Then {
    let name = step.name.to_string();
    match error {
        StepError::Paused => Then::Pause,
        StepError::Retry { reason, after } if attempt < step.policy.attempts => {
            let after = after.unwrap_or_else(|| step.policy.pause(attempt, jitter));
            Then::Retry {
                step: name,
                after,
                reason: storable(&reason),
            }
        }
        error => Then::Fail(Failure {
            reason: storable(&error.to_string()),
            step: Some(name),
            attempts: Some(attempt),
        }),
    }
}

/// A write was not taken. When only its content was at fault, the run fails with that reason.
async fn lost<J: Journal>(recorder: &Recorder<J>, claimed: &Claimed, error: JournalError) -> End {
    let JournalError::Rejected(reason) = error else {
        return End::Fenced;
    };
    let failure = Failure::of_run(format!("a result could not be stored: {reason}"));
    let transition = Transition {
        fence: claimed.fence,
        seq: 0,
        step_no: claimed.step_no,
        attempt: claimed.attempt,
        ended: None,
        then: Then::Fail(failure),
    };
    match recorder.commit(transition).await {
        Ok(_) => End::Released,
        Err(_) => End::Fenced,
    }
}
