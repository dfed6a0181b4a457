//! Making text of strangers safe to keep, to show and to compare.

use std::borrow::Cow;

/// How long a message may be.
const MESSAGE: usize = 1000;

/// How long a name may be: a parametrised test can carry its whole input in it.
const NAME: usize = 400;

/// Output as lines of plain text: colours and other commands to a terminal are gone, every line ends in `\n`.
pub(super) fn plain(output: &str) -> Cow<'_, str> {
    let strange = |c: char| c == '\u{1b}' || c == '\r' || c == '\u{9b}' || c == '\u{feff}';
    if !output.contains(strange) {
        return Cow::Borrowed(output);
    }
    let mut plain = String::with_capacity(output.len());
    let mut rest = output.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => skip_escape(&mut rest),
            '\u{9b}' => skip_until(&mut rest, is_final),
            '\u{feff}' => {}
            // A carriage return alone is a progress line that overwrites itself.
            '\r' => {
                rest.next_if_eq(&'\n');
                plain.push('\n');
            }
            c => plain.push(c),
        }
    }
    Cow::Owned(plain)
}

type Rest<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn skip_escape(rest: &mut Rest<'_>) {
    match rest.peek() {
        Some('[') => {
            rest.next();
            skip_until(rest, is_final);
        }
        // A title or a link; it ends with a bell or with another escape, and never goes past its line.
        Some(']') => {
            skip_until(rest, |c| matches!(c, '\u{7}' | '\\' | '\u{9c}'));
        }
        Some('(' | ')' | '#') => {
            rest.next();
            rest.next_if(|&c| c != '\n');
        }
        Some('@'..='_' | '7' | '8' | '=' | '>') => {
            rest.next();
        }
        _ => {}
    }
}

fn is_final(c: char) -> bool {
    ('@'..='~').contains(&c)
}

/// Skips to the end of a sequence, but not past the line: a sequence cut short must not eat what follows.
fn skip_until(rest: &mut Rest<'_>, end: impl Fn(char) -> bool) {
    while let Some(c) = rest.next_if(|&c| c != '\n' && c != '\r') {
        if end(c) {
            return;
        }
    }
}

/// A name that can be shown on one line: nothing in it moves the cursor or turns the reading direction.
pub(super) fn name(name: &str) -> String {
    let name = plain(name.trim());
    let clean: String = name.chars().map(visible).collect();
    if clean.chars().nth(NAME).is_none() {
        return clean;
    }
    // Cut names stay apart from one another.
    let kept: String = clean.chars().take(NAME).collect();
    format!("{kept}…{CUT}{:08x}", fingerprint(&clean))
}

/// Stands before the fingerprint in a name that was cut.
const CUT: char = '#';

/// Whether a name is the test's own, so that it can be asked for again.
pub(super) fn is_whole(name: &str) -> bool {
    !name.contains('\u{fffd}') && !name.contains("…#")
}

fn visible(c: char) -> char {
    let turns =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    match c {
        '\n' | '\t' => ' ',
        c if c.is_control() || turns => '\u{fffd}',
        c => c,
    }
}

/// FNV-1a: the same on every machine and in every version.
fn fingerprint(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// The first lines of a message; nothing when it says nothing.
pub(super) fn head(message: &str) -> Option<String> {
    // More than ever is kept, so that a huge message is not cleaned as a whole.
    let start: String = message.trim().chars().take(MESSAGE * 4).collect();
    let clean: String = plain(&start)
        .chars()
        .map(|c| {
            if c == '\n' || c == '\t' {
                c
            } else {
                visible(c)
            }
        })
        .collect();
    let clean = clean.trim();
    let whole = clean.chars().nth(MESSAGE).is_none() && start.len() == message.trim().len();
    let mut kept: String = clean.chars().take(MESSAGE - 1).collect();
    if whole {
        kept = clean.to_owned();
    } else {
        kept.push('…');
    }
    (!clean.is_empty()).then_some(kept)
}

/// Milliseconds of a sane duration.
pub(super) fn millis(ms: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked"
    )]
    (0.0..1e12).contains(&ms).then(|| ms.round() as u64)
}

/// `0.52s`, `3ms`, `1.2 s`, `2m 3s` in milliseconds.
pub(super) fn duration(text: &str) -> Option<f64> {
    let text = text.trim();
    for (unit, ms) in [("ms", 1.0), ("s", 1000.0), ("m", 60_000.0)] {
        if let Some(number) = text.strip_suffix(unit) {
            return number.trim().parse::<f64>().ok().map(|n| n * ms);
        }
    }
    None
}

#[test]
fn terminal_commands_go_and_text_stays() {
    assert_eq!(
        plain("\u{1b}[1;31mred\u{1b}[0m\r\nnext\rover"),
        "red\nnext\nover"
    );
    assert_eq!(plain("\u{1b}]0;title\u{7}x\u{1b}[2Ky"), "xy");
    assert_eq!(plain("cut \u{1b}[31\nkept"), "cut \nkept");
    assert!(matches!(plain("plain"), Cow::Borrowed(_)));
}

#[test]
fn names_stay_on_their_line_and_apart() {
    assert_eq!(name("a\u{202e}b\nc\u{0}"), "a\u{fffd}b c\u{fffd}");
    let long = |end: &str| name(&format!("{}{end}", "x".repeat(500)));
    assert_ne!(long("1"), long("2"));
    assert!(long("1").chars().count() < 420 && !is_whole(&long("1")));
}

#[test]
fn messages_are_cut_by_characters() {
    assert_eq!(head("  \n"), None);
    assert_eq!(
        head(&"ä".repeat(3000)).map(|m| m.chars().count()),
        Some(1000)
    );
    assert_eq!(
        head(&"ä".repeat(1000)).map(|m| m.chars().count()),
        Some(1000)
    );
    assert_eq!(head(" one\ntwo \n").as_deref(), Some("one\ntwo"));
}

#[test]
fn durations_are_read_in_their_unit() {
    assert_eq!(duration("0.5s"), Some(500.0));
    assert_eq!(duration("3ms"), Some(3.0));
    assert_eq!(duration("soon"), None);
    assert_eq!(millis(f64::NAN), None);
    assert_eq!(millis(-1.0), None);
}
