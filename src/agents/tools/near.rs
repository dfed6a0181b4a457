//! The lines of a file that come nearest to a text that is not there.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use similar::TextDiff;

/// Places that are compared character by character.
const COMPARED: usize = 40;
/// They are compared for so long; the best that was found until then is told.
const LONGEST: Duration = Duration::from_millis(500);
/// Longer texts are compared with nothing.
const LARGEST: usize = 20_000;
/// Bytes of a line that are looked at.
const WIDTH: usize = 400;
/// Below this, it is something else.
const ALIKE: f32 = 0.6;

/// What to tell a model whose text was not found.
pub(super) fn nearest(text: &str, lines: &[&str], wanted: &[&str], new: &str) -> String {
    if !new.trim().is_empty() && text.contains(new.trim_end()) {
        return "the old text is not there, but the new one is: it may have been replaced already"
            .to_owned();
    }
    let size = wanted.len().max(1).min(lines.len().max(1));
    let old = wanted.join("\n");
    let end = Instant::now() + LONGEST;
    let mut best: Option<(f32, usize)> = None;
    for at in candidates(lines, wanted, size) {
        let window = lines[at..at + size].join("\n");
        if window.len().max(old.len()) > LARGEST {
            continue;
        }
        let compared = TextDiff::configure()
            .deadline(end)
            .diff_chars(&window, &old);
        let ratio = compared.ratio();
        if best.is_none_or(|(known, _)| ratio > known) {
            best = Some((ratio, at));
        }
        if Instant::now() > end {
            break;
        }
    }
    match best {
        Some((ratio, at)) if ratio >= ALIKE => {
            let near: Vec<String> = (at + 1..)
                .zip(&lines[at..at + size])
                .map(|(number, line)| format!("{number:>6}\t{line}"))
                .collect();
            format!(
                "the old text is not there; what comes nearest is\n{}",
                near.join("\n")
            )
        }
        _ => "the old text is not there, nor anything like it; read the file again".to_owned(),
    }
}

/// Where lines begin that share most with those that are looked for, the best first.
fn candidates(lines: &[&str], wanted: &[&str], size: usize) -> Vec<usize> {
    let looked_for: HashSet<&[u8]> = wanted.iter().flat_map(|line| pieces(line)).collect();
    let whole: HashSet<&str> = wanted.iter().map(|line| line.trim()).collect();
    let shared = |line: &&str| {
        let alike = pieces(line)
            .filter(|piece| looked_for.contains(piece))
            .count();
        // A line that is there as it is says more than all its pieces elsewhere.
        if whole.contains(line.trim()) {
            2 * alike
        } else {
            alike
        }
    };
    let shared: Vec<usize> = lines.iter().map(shared).collect();
    if shared.len() < size {
        return Vec::new();
    }
    let mut sum: usize = shared[..size].iter().sum();
    let mut places = vec![(sum, 0)];
    for at in 1..=shared.len() - size {
        sum = sum - shared[at - 1] + shared[at + size - 1];
        places.push((sum, at));
    }
    places.retain(|(sum, _)| *sum > 0);
    places.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    places
        .into_iter()
        .take(COMPARED)
        .map(|(_, at)| at)
        .collect()
}

/// Every three bytes of a line that stand together.
fn pieces(line: &str) -> impl Iterator<Item = &[u8]> {
    let line = line.trim().as_bytes();
    line[..line.len().min(WIDTH)].windows(3)
}
