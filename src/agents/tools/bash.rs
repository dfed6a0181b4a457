//! A command in a fresh shell behind the wall.

use std::time::Duration;

use serde::Deserialize;
use workflows::StepError;

use super::Said;
use crate::{
    agents::desk::Desk,
    providers::sandbox::{Command, Exit, Ran},
};

/// Runs a command.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::agents) struct Bash {
    command: String,
    #[serde(default)]
    timeout_s: Option<u64>,
    #[serde(default)]
    #[expect(dead_code, reason = "it is kept with the call, for people")]
    description: Option<String>,
}

/// Longest command, in bytes.
const LONGEST: usize = 20_000;

impl Bash {
    pub(super) async fn perform(&self, desk: &Desk<'_>) -> Result<Said, StepError> {
        if self.command.len() > LONGEST {
            return Ok(Said::wrong(format!(
                "a command has at most {LONGEST} bytes; write a script to a file"
            )));
        }
        let timeout = Duration::from_secs(self.timeout_s.unwrap_or(120).clamp(1, 900));
        let timeout = timeout.min(desk.left());
        let mut job = desk.job(Command::Shell(self.command.clone())).await?;
        job.limits.wall = timeout;
        let ran = desk.run(&job).await?;
        Ok(told(&ran, timeout))
    }
}

/// A command's end and its output, as a model reads it.
fn told(ran: &Ran, timeout: Duration) -> Said {
    let output = String::from_utf8_lossy(&ran.output);
    let output = match output.trim_end() {
        "" => "(no output)",
        text => text,
    };
    let took = ran.duration.as_secs_f64();
    match ran.exit {
        Exit::Code(0) => Said::well(format!("{output}\n[exit code 0, {took:.1} s]")),
        Exit::Code(code) => Said::well(format!("{output}\n[exit code {code}, {took:.1} s]")),
        Exit::Signal(signal) => Said::wrong(format!(
            "{output}\n[killed by signal {signal}, {took:.1} s]"
        )),
        Exit::TimedOut => Said::wrong(format!(
            "{output}\n[stopped after {} s; it and everything it had started is gone]",
            timeout.as_secs()
        )),
    }
}
