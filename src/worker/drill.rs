//! The one step of a drill: work for a while, then add a line to the ledger, exactly once.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    fs::{self, OpenOptions},
    io::AsyncWriteExt,
};
use workflows::{Journal, StepContext, StepError, activity::Found};

#[derive(Debug, Deserialize)]
struct Input {
    ledger: String,
    work_ms: u64,
    #[serde(default)]
    failures: u16,
}

/// Performs [`workflows::definitions::drill::APPEND`].
pub(super) async fn append<J: Journal>(context: StepContext<J>) -> Result<Value, StepError> {
    let input: Input = serde_json::from_value(context.step.input.clone())
        .map_err(|error| StepError::fatal(format!("the step's input: {error}")))?;
    tokio::time::sleep(Duration::from_millis(input.work_ms)).await;
    if context.attempt <= input.failures {
        return Err(StepError::retry("this try was to fail"));
    }
    let line = format!("{} {}", context.run, context.step_no);
    let lookup = async || {
        let written = match fs::read_to_string(&input.ledger).await {
            Ok(text) => text.lines().any(|l| l == line),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
            Err(error) => return Err(unreadable(&input.ledger, &error)),
        };
        Ok(if written {
            Found::Yes(json!({"line": line}))
        } else {
            Found::No
        })
    };
    let send = async || {
        // One write of one line: a process killed here has written all of it or nothing.
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&input.ledger)
            .await
            .map_err(|error| unreadable(&input.ledger, &error))?;
        file.write_all(format!("{line}\n").as_bytes())
            .await
            .map_err(|error| unreadable(&input.ledger, &error))?;
        file.flush()
            .await
            .map_err(|error| unreadable(&input.ledger, &error))?;
        Ok(json!({"line": line}))
    };
    context
        .external(
            "append",
            &format!("drill:{}:{line}", input.ledger),
            lookup,
            send,
        )
        .await
}

fn unreadable(path: &str, error: &std::io::Error) -> StepError {
    StepError::retry(format!("{path}: {error}"))
}
