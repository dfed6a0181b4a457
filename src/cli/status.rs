//! The last line of a terminal while a run is followed: what is at work now. It is rewritten in place; what is over stands
//! above it in lines that stay. Where nobody looks, or the terminal cannot rewrite a line, there is none.

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::Duration,
};

use crate::client::screen::{Screen, clean};

/// It moves, so that one sees that somebody is there.
const FRAMES: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/// Goes to the beginning of the line and empties it.
const ERASE: &str = "\r\x1b[2K";

/// The line, while it is shown.
#[derive(Debug)]
pub(super) struct Status {
    shown: bool,
    frame: usize,
}

/// What it says.
#[derive(Debug, Clone, Default)]
pub(super) struct Now {
    /// The step, or what the run is about otherwise.
    pub(super) step: String,
    /// Who does what, and for how long; of attempts, one each.
    pub(super) acts: Vec<(String, Duration)>,
    /// Since somebody looks.
    pub(super) elapsed: Duration,
    pub(super) tokens: i64,
    /// Millionths of a dollar.
    pub(super) cost: i64,
}

impl Status {
    /// The line of standard output, where there can be one.
    pub(super) fn of_terminal() -> Option<Self> {
        let term = std::env::var("TERM").ok();
        let fits = is_live(io::stdout().is_terminal(), term.as_deref());
        fits.then_some(Self {
            shown: false,
            frame: 0,
        })
    }

    /// Shows it, or shows it anew.
    pub(super) fn draw(&mut self, now: &Now) {
        let screen = Screen::new();
        let text = format!("{} {}", FRAMES[self.frame % FRAMES.len()], now.line());
        self.frame += 1;
        self.shown = true;
        write(&format!(
            "{ERASE}{}",
            screen.faint(&screen.fit(&clean(&text)))
        ));
    }

    /// Makes room for a line that stays.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            write(ERASE);
        }
    }
}

impl Drop for Status {
    fn drop(&mut self) {
        self.clear();
    }
}

/// A courtesy: a terminal that is gone must not end what is followed.
fn write(text: &str) {
    let mut out = io::stdout().lock();
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

fn is_live(terminal: bool, term: Option<&str>) -> bool {
    terminal && term.is_some_and(|term| !term.is_empty() && term != "dumb")
}

impl Now {
    fn line(&self) -> String {
        let mut parts = vec![self.step.clone()];
        if let Some((act, length)) = self.acts.first() {
            let more = self.acts.len() - 1;
            let more = match more {
                0 => String::new(),
                many => format!(" and {many} more"),
            };
            parts.push(format!("{act} ({}){more}", clock(*length)));
        }
        parts.push(clock(self.elapsed));
        parts.push(format!("{} tokens", many(self.tokens)));
        parts.push(format!("${:.4}", super::follow::usd(self.cost)));
        parts.retain(|part| !part.is_empty());
        parts.join(" · ")
    }
}

fn clock(length: Duration) -> String {
    let seconds = length.as_secs();
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{}:{:02}", seconds / 60, seconds % 60),
        _ => format!(
            "{}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        ),
    }
}

fn many(tokens: i64) -> String {
    match tokens {
        ..10_000 => tokens.to_string(),
        10_000..1_000_000 => format!("{:.1}k", tokens as f64 / 1e3),
        _ => format!("{:.2}M", tokens as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_who_does_what_and_what_that_has_taken() {
        let mut now = Now {
            step: "code".to_owned(),
            acts: vec![("coder bash cargo test".to_owned(), Duration::from_secs(7))],
            elapsed: Duration::from_secs(3_725),
            tokens: 12_345,
            cost: 41_300,
        };
        assert_eq!(
            now.line(),
            "code · coder bash cargo test (7 s) · 1:02:05 · 12.3k tokens · $0.0413"
        );
        now.acts.push(("coder 2 claude".to_owned(), Duration::ZERO));
        assert!(now.line().contains("(7 s) and 1 more"), "{}", now.line());
        assert_eq!(Now::default().line(), "0 s · 0 tokens · $0.0000");
        assert_eq!(
            (clock(Duration::from_secs(61)), many(2_500_000)),
            ("1:01".into(), "2.50M".into())
        );
    }

    #[test]
    fn only_a_terminal_that_can_rewrite_a_line_has_one() {
        assert!(is_live(true, Some("xterm-256color")));
        assert!(!is_live(true, Some("dumb")));
        assert!(!is_live(true, None));
        assert!(!is_live(false, Some("xterm")));
    }
}
