//! What a repository says to agents about how one works in it. It is the repository's word, not the person's: it shapes
//! how the work is done, and does not widen it.

use workflows::StepError;

use super::{Environment, desk::Desk, material::fenced};

/// Files that say it, in the top folder.
const FILES: [&str; 2] = ["AGENTS.md", "CLAUDE.md"];
/// Characters of each that are told.
const MOST: usize = 20_000;

/// A section for the opening of a conversation; empty when the repository says nothing. It is read from the commit that
/// the work began at: what an agent writes there guides nobody in this run.
pub(super) async fn section(env: &Environment, desk: &Desk<'_>) -> Result<String, StepError> {
    let mut text = String::new();
    for file in FILES {
        let said = desk.at_base(file).await?;
        let said = said.unwrap_or_default();
        let said = said.trim();
        // One that only names the other adds nothing.
        if said.is_empty() || said == "@AGENTS.md" {
            continue;
        }
        let said: String = said.chars().take(MOST).collect();
        text += &format!(
            "\n# How one works in this repository ({file})\n\n{}\n",
            fenced(
                desk.edition,
                &format!("{file} of the repository"),
                &env.masked(&said)
            )
        );
    }
    Ok(text)
}
