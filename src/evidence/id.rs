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
