//! How ids of tests are put together and taken apart.

/// Stands between a file, its suites and a test.
pub(super) const BETWEEN: &str = " > ";

/// `file > suite > test`, without the parts that are empty.
pub(super) fn join<'p>(parts: impl IntoIterator<Item = &'p str>) -> String {
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(BETWEEN)
}

/// What stands before the first ` > ` and after it.
pub(super) fn split(id: &str) -> (&str, &str) {
    id.split_once(BETWEEN).unwrap_or(("", id))
}

/// The test's own name, without what it stands in: `it` of `tests.test_a.Case.it`, of `a::b::it`, of `file > suite > it`.
pub fn leaf(id: &str) -> &str {
    let own = id.rsplit(BETWEEN).next().unwrap_or(id);
    let own = own.rsplit("::").next().unwrap_or(own);
    // A title in words keeps its full stops.
    if own.contains(char::is_whitespace) {
        return own;
    }
    own.rsplit('.').next().unwrap_or(own)
}
