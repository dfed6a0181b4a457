//! What the doctor found, for eyes and for programs.

use std::io::{self, Write};

use serde::Serialize;

/// How a finding is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nothing to do.
    Ok,
    /// It works, with less than it could.
    Warn,
    /// CodeGraph cannot work like this.
    Fail,
}

impl Status {
    /// A sign and the word: neither colour nor sign alone says it.
    fn label(self) -> &'static str {
        match self {
            Self::Ok => "✓ ok  ",
            Self::Warn => "! warn",
            Self::Fail => "✗ fail",
        }
    }
}

/// One thing that was looked at. The fields and names of `--json` are stable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub name: &'static str,
    /// How it is.
    pub status: Status,
    /// The same in a sentence.
    pub summary: String,
    /// What is behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Finding {
    fn new(name: &'static str, status: Status, summary: impl Into<String>) -> Self {
        Self {
            name,
            status,
            summary: summary.into(),
            detail: None,
            remedy: None,
        }
    }

    /// All is well.
    pub(super) fn ok(name: &'static str, summary: impl Into<String>) -> Self {
        Self::new(name, Status::Ok, summary)
    }

    /// It could be better.
    pub(super) fn warn(name: &'static str, summary: impl Into<String>) -> Self {
        Self::new(name, Status::Warn, summary)
    }

    /// It must be mended.
    pub(super) fn fail(name: &'static str, summary: impl Into<String>) -> Self {
        Self::new(name, Status::Fail, summary)
    }

    /// Adds what is behind it.
    pub(super) fn detail(self, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..self
        }
    }

    /// Adds what to do about it.
    pub(super) fn remedy(self, remedy: impl Into<String>) -> Self {
        Self {
            remedy: Some(remedy.into()),
            ..self
        }
    }
}

/// Everything the doctor found, in the order it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The findings.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The worst of all findings.
    pub fn status(&self) -> Status {
        self.findings
            .iter()
            .map(|finding| finding.status)
            .max()
            .unwrap_or(Status::Ok)
    }

    /// What the process should end with: 1 when something must be mended.
    pub fn exit_code(&self) -> u8 {
        u8::from(self.status() == Status::Fail)
    }

    /// Writes the table people read.
    pub fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let width = self
            .findings
            .iter()
            .map(|finding| finding.name.len())
            .max()
            .unwrap_or(0);
        let indent = " ".repeat("✓ ok  ".chars().count() + width + 4);
        for finding in &self.findings {
            let Finding {
                name,
                status,
                summary,
                ..
            } = finding;
            writeln!(out, "{}  {name:width$}  {summary}", status.label())?;
            for line in finding.detail.iter().flat_map(|text| text.lines()) {
                writeln!(out, "{indent}{line}")?;
            }
            for line in finding.remedy.iter().flat_map(|text| text.lines()) {
                writeln!(out, "{indent}→ {line}")?;
            }
        }
        let count = |status| self.findings.iter().filter(|f| f.status == status).count();
        let (ok, warn, fail) = (count(Status::Ok), count(Status::Warn), count(Status::Fail));
        writeln!(out, "\n{ok} ok, {warn} to look at, {fail} to mend")
    }

    /// The report as one JSON object: `{"status", "findings": [{"name", "status", "summary",
    /// "detail"?, "remedy"?}]}`.
    pub fn json(&self) -> String {
        let report = serde_json::json!({ "status": self.status(), "findings": self.findings });
        format!("{report:#}")
    }
}
