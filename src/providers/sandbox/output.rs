//! Output of any length in bounded memory: its beginning and its end.

use std::collections::VecDeque;

/// Keeps the first 60 % and the last 40 % of what fits.
#[derive(Debug)]
pub(super) struct Capped {
    head: Vec<u8>,
    head_most: usize,
    tail: VecDeque<u8>,
    tail_most: usize,
    total: u64,
}

impl Capped {
    pub(super) fn new(most: usize) -> Self {
        let head_most = most / 5 * 3 + most % 5 * 3 / 5;
        Self {
            head: Vec::new(),
            head_most,
            tail: VecDeque::new(),
            tail_most: most - head_most,
            total: 0,
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let room = (self.head_most - self.head.len()).min(bytes.len());
        let (first, rest) = bytes.split_at(room);
        self.head.extend_from_slice(first);
        let rest = &rest[rest.len().saturating_sub(self.tail_most)..];
        let excess = (self.tail.len() + rest.len()).saturating_sub(self.tail_most);
        self.tail.drain(..excess);
        self.tail.extend(rest);
    }

    /// What was kept, with a notice where something is missing, and how much there was.
    pub(super) fn finish(self) -> (Vec<u8>, u64) {
        let mut kept = self.head;
        let missing = self.total - kept.len() as u64 - self.tail.len() as u64;
        if missing > 0 {
            kept.extend_from_slice(format!("\n[{missing} bytes left out here]\n").as_bytes());
        }
        kept.extend(self.tail);
        (kept, self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::Capped;

    fn capped(most: usize, pieces: &[&str]) -> (String, u64) {
        let mut capped = Capped::new(most);
        for piece in pieces {
            capped.push(piece.as_bytes());
        }
        let (kept, total) = capped.finish();
        (String::from_utf8(kept).unwrap(), total)
    }

    #[test]
    fn what_fits_is_kept_whole_and_of_the_rest_both_ends() {
        assert_eq!(capped(10, &[]), (String::new(), 0));
        assert_eq!(capped(10, &["0123", "456789"]), ("0123456789".into(), 10));
        let cut = "012345\n[6 bytes left out here]\ncdef";
        assert_eq!(capped(10, &["0123456789abcdef"]), (cut.into(), 16));
        let single: Vec<String> = "0123456789abcdef".chars().map(String::from).collect();
        let single: Vec<&str> = single.iter().map(String::as_str).collect();
        assert_eq!(capped(10, &single), (cut.into(), 16));
        assert_eq!(capped(0, &["abc"]).1, 3);
    }
}
