//! Server-sent events off a stream of bytes that may be cut anywhere.

use std::fmt;

use eventsource_stream::{EventStreamError, Eventsource};
use futures::{Stream, StreamExt, TryStreamExt};

/// A byte order mark. The event reader counts it as one byte and dies of it, so it is taken off before.
const MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// The stream broke; the words say how.
#[derive(Debug)]
pub(in super::super) struct Broken(pub(in super::super) String);

/// The data of each event. Its name is not needed: vendors repeat it in the data or have none.
pub(in super::super) fn events<S, B, E>(
    bytes: S,
) -> impl Stream<Item = Result<String, Broken>> + Send
where
    S: Stream<Item = Result<B, E>> + Send,
    B: AsRef<[u8]> + Send,
    E: fmt::Display + Send,
{
    let mut head = Head::default();
    let bytes = bytes.map_ok(move |chunk| head.without_mark(chunk.as_ref()));
    bytes.eventsource().map(|event| match event {
        Ok(event) => Ok(event.data),
        Err(EventStreamError::Transport(error)) => Err(Broken(error.to_string())),
        Err(EventStreamError::Utf8(_)) => Err(Broken("the stream is not UTF-8".into())),
        Err(EventStreamError::Parser(_)) => Err(Broken("the stream is no stream of events".into())),
    })
}

/// How much of the mark was seen.
#[derive(Default)]
struct Head(usize);

impl Head {
    fn without_mark(&mut self, chunk: &[u8]) -> Vec<u8> {
        let mut rest = chunk;
        let seen = self.0;
        while self.0 < MARK.len() && rest.first() == Some(&MARK[self.0]) {
            self.0 += 1;
            rest = &rest[1..];
        }
        if rest.is_empty() || self.0 == MARK.len() {
            return rest.to_vec();
        }
        // It was another character that begins like the mark, or none of it.
        let held = &MARK[..seen];
        self.0 = MARK.len();
        [held, chunk].concat()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::executor::block_on;

    use super::*;

    fn read(chunks: &[&[u8]]) -> Vec<String> {
        let chunks = chunks
            .iter()
            .map(|chunk| Ok::<_, Infallible>(chunk.to_vec()));
        let chunks: Vec<_> = chunks.collect();
        let events = events(futures::stream::iter(chunks));
        block_on(
            events
                .map(|event| event.unwrap_or_else(|broken| broken.0))
                .collect(),
        )
    }

    const TEXT: &str = "\u{feff}: hello\r\n\r\nevent: a\r\ndata: {\"t\":\"gr\u{fc}n \u{1f33f}\"}\r\n\r\n\
        data: one\ndata: two\n\nretry: 5\n\ndata: \u{ff01}\n\n";

    #[test]
    fn a_cut_at_any_byte_changes_nothing() {
        let whole = ["{\"t\":\"gr\u{fc}n \u{1f33f}\"}", "one\ntwo", "\u{ff01}"];
        let bytes = TEXT.as_bytes();
        for at in 0..=bytes.len() {
            assert_eq!(read(&[&bytes[..at], &bytes[at..]]), whole, "cut at {at}");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(read(&single), whole);
    }

    #[test]
    fn an_event_that_was_not_finished_is_none() {
        assert_eq!(read(&[b"data: one\n\ndata: tw"]), ["one"]);
        assert_eq!(read(&[b"data: one\n\ndata: two\n"]), ["one"]);
    }

    #[test]
    fn a_first_character_that_only_begins_like_a_mark_is_kept() {
        for at in 0..=3 {
            let mut head = Head::default();
            let bytes = "\u{ff01}x".as_bytes();
            let joined = [
                head.without_mark(&bytes[..at]),
                head.without_mark(&bytes[at..]),
            ]
            .concat();
            assert_eq!(joined, bytes, "cut at {at}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_said_to_be_none() {
        assert_eq!(
            read(&[b"data: one\n\ndata: \xff\n\n"]),
            ["one", "the stream is not UTF-8"]
        );
    }
}
