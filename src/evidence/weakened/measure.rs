//! How much a test checks, by the calls that can make it fail.

use std::sync::LazyLock;

use regex::Regex;

use super::lex::Language;

/// What a test checks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Checks {
    /// All assertions.
    pub(super) all: u32,
    /// Those that compare with an exact value, or expect a certain error.
    pub(super) exact: u32,
    /// Those that hold whatever the product does.
    pub(super) empty: u32,
    /// Whether cases are listed in a table or a loop: then few assertions can check much.
    pub(super) table: bool,
}

struct Patterns {
    all: Regex,
    exact: Regex,
    constant: Regex,
    /// Captures two plain values that are compared.
    same: Regex,
    table: Regex,
}

#[expect(
    clippy::expect_used,
    reason = "the patterns stand below and a test compiles them all"
)]
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern that was tested")
}

static RUST: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    all: regex(r"\b\w*assert\w*!?\s*[(\[{]|\bpanic!|(?:^|[^.\w])(?:check|verify|expect)\w*!?\("),
    exact: regex(r"\bassert_(?:eq|ne|matches|\w*snapshot)\w*!|\bassert!\([^;]*?(?:==|matches!|!=)"),
    constant: regex(r"\bassert!\(\s*true\s*[,)]"),
    same: regex(r"\bassert_eq!\(\s*([\w.]+)\s*,\s*([\w.]+)\s*[,)]"),
    table: regex(r"\bfor\s|\.for_each\(|\.iter\(|#\[case|#\[test_case|proptest!|\.all\("),
});

static PYTHON: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    all: regex(
        r"(?m)^\s*assert\b|\bself\.(?:assert|fail)\w*\(|\bpytest\.(?:raises|warns|fail)\b|\.assert_\w+\(|(?:^|[^.\w])(?:assert_|check|verify|expect)\w*\(",
    ),
    exact: regex(
        r"(?m)^\s*assert\b[^\n]*(?:==|!=|\bis\b|\bin\b|<|>)|\bassert\w*(?:Equal|Equals|Is|In|Raises|RaisesRegex|CountEqual)\(|\bpytest\.raises\b|\.assert_called\w*_with\(",
    ),
    constant: regex(
        r"(?m)^\s*assert\s+(?:True|1)\s*(?:,|$)|\bassertTrue\(\s*True\s*[,)]|\bassertFalse\(\s*False\s*[,)]",
    ),
    same: regex(r"\bassertEqual\(\s*([\w.]+)\s*,\s*([\w.]+)\s*[,)]"),
    table: regex(r"\bfor\s|parametrize|subTest|\ball\("),
});

static JAVASCRIPT: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    all: regex(
        r"\b(?:expect|assert)\w*(?:\.\w+)*\s*\(|\.should\b|\bt\.(?:is|not|ok|equal|deepEqual|throws|like|true|false)\(|(?:^|[^.\w])(?:check|verify)\w*\(",
    ),
    exact: regex(
        r"\.(?:toBe|toEqual|toStrictEqual|toMatchObject|toHaveBeenCalledWith|toHaveLength|toThrow\w*|toMatch\w*Snapshot|rejects|throws|equal|equals|eql|strictEqual|deepEqual|deepStrictEqual|is)\(|\bassert\([^;]*?===?",
    ),
    constant: regex(
        r"\bassert(?:\.ok)?\(\s*true\s*[,)]|\bexpect\(\s*true\s*\)\s*\.(?:toBe\(\s*true|toBeTruthy|to\.be\.true|toEqual\(\s*true)",
    ),
    same: regex(
        r"(?:\bexpect\(\s*([\w.]+)\s*\)\s*\.(?:toBe|toEqual|toStrictEqual)|\bassert\.(?:equal|strictEqual|deepEqual|deepStrictEqual))\(\s*([\w.]+)\s*[,)]",
    ),
    table: regex(r"\bfor\s*\(|\.forEach\(|\.each\b|\.every\(|\.map\("),
});

static GO: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    all: regex(
        r"\bt\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\(|\b(?:assert|require|is|qt)\.\w+\(|(?:^|[^.\w])(?:assert|check|verify|expect|must)\w*\(",
    ),
    exact: regex(
        r"\b(?:assert|require)\.(?:Equal\w*|Exactly|ErrorIs|ErrorAs|JSONEq|ElementsMatch|Len)\(",
    ),
    constant: regex(r"\b(?:assert|require)\.True\(\s*t\s*,\s*true\s*[,)]"),
    same: regex(r"\b(?:assert|require)\.Equal\(\s*t\s*,\s*([\w.]+)\s*,\s*([\w.]+)\s*[,)]"),
    table: regex(r"\bfor\s"),
});

/// Counts in code whose strings and comments are blanked.
pub(super) fn checks(language: Language, code: &str) -> Checks {
    let patterns = match language {
        Language::Rust => &*RUST,
        Language::Python => &*PYTHON,
        Language::JavaScript => &*JAVASCRIPT,
        Language::Go => &*GO,
    };
    let count =
        |pattern: &Regex| u32::try_from(pattern.find_iter(code).count()).unwrap_or(u32::MAX);
    let same = patterns.same.captures_iter(code).filter(
        |pair| matches!((pair.get(1), pair.get(2)), (Some(a), Some(b)) if a.as_str() == b.as_str()),
    );
    Checks {
        all: count(&patterns.all),
        exact: count(&patterns.exact),
        empty: count(&patterns.constant)
            .saturating_add(u32::try_from(same.count()).unwrap_or(u32::MAX)),
        table: patterns.table.is_match(code),
    }
}

#[test]
fn assertions_are_counted_in_every_language() {
    let counted = |language, code| {
        let checks = checks(language, code);
        (checks.all, checks.exact, checks.empty)
    };
    assert_eq!(
        counted(
            Language::Rust,
            "assert_eq!(a, b); assert!(c.is_ok()); x.expect(\" \"); assert!(true)"
        ),
        (3, 1, 1)
    );
    assert_eq!(
        counted(
            Language::Python,
            "    assert a == b\n    self.assertTrue(c)\n    assert True\n"
        ),
        (3, 1, 1)
    );
    assert_eq!(
        counted(
            Language::JavaScript,
            "expect(a).toEqual(b); assert.equal(c, d); expect(1).toBe(1)"
        ),
        (3, 3, 1)
    );
    assert_eq!(
        counted(
            Language::Go,
            "if a != b { t.Errorf(\" \") }; require.Equal(t, a, b)"
        ),
        (2, 1, 0)
    );
}
