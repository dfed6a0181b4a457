//! Durations as people write them.

/// The seconds of a duration such as `1h 30m` or `90m`; nothing when it is none.
///
/// ```
/// assert_eq!(duration::seconds("1h 30m"), Some(5400));
/// ```
pub fn seconds(text: &str) -> Option<u64> {
    let mut sum: u64 = 0;
    let mut number = String::new();
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let unit = match c {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        let count: u64 = number.parse().ok()?;
        sum = sum.checked_add(count.checked_mul(unit)?)?;
        number.clear();
    }
    (number.is_empty() && !text.trim().is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn parts_add_up() {
        assert_eq!(seconds("1h 30m"), Some(5400));
        assert_eq!(seconds("2h5s"), Some(7205));
        assert_eq!(seconds("90m"), Some(5400));
    }

    #[test]
    fn what_is_no_duration_is_nothing() {
        for text in ["", " ", "h", "5", "1x", "99999999999999999999h"] {
            assert_eq!(seconds(text), None, "{text:?}");
        }
    }
}
