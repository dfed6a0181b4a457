use crate::evidence::{ChangedFile, Weakening, weakened};

/// `line kind: why`.
fn told(path: &str, before: &str, after: &str) -> Vec<String> {
    told_of(&[(path, Some(before), Some(after))])
}

fn told_of(files: &[(&str, Option<&str>, Option<&str>)]) -> Vec<String> {
    let files: Vec<ChangedFile<'_>> = files
        .iter()
        .map(|&(path, before, after)| ChangedFile {
            path,
            before,
            after,
        })
        .collect();
    weakened(&files)
        .into_iter()
        .map(|weak| format!("{} {:?}: {}", weak.line, weak.kind, weak.why))
        .collect()
}

const RUST: &str = "#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() {\n        assert_eq!(add(1, 2), 3);\n        assert_eq!(add(2, 2), 4);\n    }\n\n    #[tokio::test(flavor = \"current_thread\")]\n    async fn waits() {\n        let text = \"fn fake() { #[test]\";\n        assert!(wait().await.is_ok());\n    }\n}\n";

#[test]
fn nothing_is_told_of_what_only_grew_or_moved() {
    let better = RUST.replace("4);\n    }", "4);\n        assert_eq!(add(3, 2), 5);\n    }\n\n    #[test]\n    fn more() { assert!(x()); }");
    assert!(told("src/a.rs", RUST, &better).is_empty());
    assert!(told("src/a.rs", RUST, RUST).is_empty());
    let renamed = RUST.replace("fn adds", "fn adds_up");
    assert!(told("src/a.rs", RUST, &renamed).is_empty());
    let files = [
        ("src/a.rs", Some(RUST), Some("")),
        ("src/b.rs", None, Some(RUST)),
    ];
    assert!(told_of(&files).is_empty());
    let table = RUST.replace("        assert_eq!(add(1, 2), 3);\n        assert_eq!(add(2, 2), 4);\n", "        for (a, b, c) in [(1, 2, 3), (2, 2, 4)] {\n            assert_eq!(add(a, b), c);\n        }\n");
    assert!(told("src/a.rs", RUST, &table).is_empty());
}

#[test]
fn rust_tests_that_became_weaker_are_told() {
    let now = |from: &str, to: &str| told("src/a.rs", RUST, &RUST.replace(from, to));
    let ignore = format!("    #[{}]\n    fn adds", "ignore = \"slow\"");
    assert_eq!(
        now("    fn adds", &ignore),
        [concat!(
            "5 Skipped: `tests::adds` is skipped now: #[ig",
            "nore]"
        )]
    );
    assert_eq!(
        now("        assert_eq!(add(2, 2), 4);\n", ""),
        ["4 FewerAssertions: `tests::adds` checks less: 2 assertions before, 1 now"]
    );
    assert_eq!(
        now("assert_eq!(add(2, 2), 4)", "assert!(add(2, 2) > 0)"),
        [
            "4 LooserAssertions: `tests::adds` compares less exactly: 2 of 2 assertions named the value before, 1 of 2 now"
        ]
    );
    assert_eq!(
        now("wait().await.is_ok()", "true"),
        ["10 Tautology: `tests::waits` asserts something that always holds"]
    );
    assert_eq!(
        now("    #[test]\n", ""),
        ["3 Unmarked: `tests::adds` is still there but no longer marked as a test"]
    );
    let without = RUST.split("    #[tokio").next().unwrap().to_owned() + "}\n";
    assert_eq!(
        told("src/a.rs", RUST, &without),
        ["10 Deleted: `tests::waits` was deleted"]
    );
    let commented: String = RUST
        .lines()
        .enumerate()
        .map(|(at, line)| {
            if (2..7).contains(&at) {
                format!("// {line}\n")
            } else {
                format!("{line}\n")
            }
        })
        .collect();
    assert_eq!(
        told("src/a.rs", RUST, &commented),
        ["4 CommentedOut: `tests::adds` was commented out"]
    );
}

#[test]
fn a_deleted_file_is_told_once() {
    let told = told_of(&[("tests/a.rs", Some(RUST), None)]);
    assert_eq!(
        told,
        ["4 Deleted: the file was deleted, and with it 2 tests: `tests::adds`, `tests::waits`"]
    );
}

const PYTHON: &str = "import unittest\n\n\nclass Stock(unittest.TestCase):\n    def test_adds(self):\n        \"\"\"Adds.\"\"\"\n        self.assertEqual(add(1, 2), 3)\n\n    def test_raises(\n        self,\n    ):\n        with self.assertRaises(KeyError):\n            find('x')\n\n\nasync def test_alone():\n    assert await x() == 2\n";

#[test]
fn python_tests_that_became_weaker_are_told() {
    let now = |from: &str, to: &str| told("tests/test_a.py", PYTHON, &PYTHON.replace(from, to));
    assert_eq!(
        now(
            "    def test_adds",
            "    @unittest.skip(\"later\")\n    def test_adds"
        ),
        ["6 Skipped: `Stock.test_adds` is skipped now: @unittest.skip"]
    );
    assert_eq!(
        now(
            "async def test_alone",
            "@pytest.mark.xfail\nasync def test_alone"
        ),
        ["17 Skipped: `test_alone` is skipped now: @pytest.mark.xfail"]
    );
    assert_eq!(
        now(
            "        self.assertEqual(add(1, 2), 3)\n",
            "        self.skipTest('x')\n"
        )
        .len(),
        2
    );
    assert_eq!(
        now("class Stock", "@unittest.skipIf(True, 'x')\nclass Stock").len(),
        2
    );
    assert_eq!(
        now("def test_alone", "def _test_alone"),
        ["16 Unmarked: `test_alone` is called `_test_alone` now, which is no name of a test"]
    );
    assert_eq!(
        now("assert await x() == 2", "assert await x()"),
        [
            "16 LooserAssertions: `test_alone` compares less exactly: 1 of 1 assertions named the value before, 0 of 1 now"
        ]
    );
    assert_eq!(
        now("assertEqual(add(1, 2), 3)", "assertTrue(True)").len(),
        2
    );
    assert_eq!(
        now(
            "async def test_alone():\n    assert await x() == 2\n",
            "# def test_alone():\n#     assert x\n"
        ),
        ["16 CommentedOut: `test_alone` was commented out"]
    );
    assert!(told("src/app.py", PYTHON, "").is_empty());
}

const JAVASCRIPT: &str = "import { test, describe, it } from 'node:test';\n\ndescribe('slug', () => {\n  it('joins words (all)', () => {\n    expect(slug('a b')).toBe('a-b');\n    expect(slug('')).toBe('');\n  });\n  test(`trims`, { timeout: 5 }, () => { assert.equal(slug(' a '), 'a'); });\n});\ntest('matches', () => { const r = /it('x'/; expect(r.test('y')).toBe(false); });\n";

#[test]
fn javascript_tests_that_became_weaker_are_told() {
    let now = |from: &str, to: &str| {
        told(
            "src/slug.test.ts",
            JAVASCRIPT,
            &JAVASCRIPT.replace(from, to),
        )
    };
    assert_eq!(
        now("  it('joins", "  it.skip('joins"),
        ["4 Skipped: `slug > joins words (all)` is skipped now: it.skip"]
    );
    assert_eq!(
        now("  it('joins", "  xit('joins"),
        ["4 Skipped: `slug > joins words (all)` is skipped now: xit"]
    );
    assert_eq!(
        now("{ timeout: 5 }", "{ timeout: 5, skip: true }"),
        ["8 Skipped: `slug > trims` is skipped now: { skip }"]
    );
    assert_eq!(
        now("test('matches', ()", "test.only('matches', ()"),
        [
            "10 Focused: `matches` is singled out (test.only), so the other tests beside it do not run"
        ]
    );
    assert_eq!(now("describe('slug'", "describe.skip('slug'").len(), 2);
    assert_eq!(
        now("toBe('a-b')", "toBeDefined()"),
        [
            "4 LooserAssertions: `slug > joins words (all)` compares less exactly: 2 of 2 assertions named the value before, 1 of 2 now"
        ]
    );
    assert_eq!(
        now("    expect(slug('')).toBe('');\n", ""),
        ["4 FewerAssertions: `slug > joins words (all)` checks less: 2 assertions before, 1 now"]
    );
    assert_eq!(
        now("\ntest('matches'", "\n// test('matches'"),
        ["10 CommentedOut: `matches` was commented out"]
    );
    assert!(told("src/slug.ts", JAVASCRIPT, "").is_empty());
}

const GO: &str = "package ring\n\nfunc TestPush(t *testing.T) {\n\tif got := f(); got != 2 {\n\t\tt.Errorf(\"got %d\", got)\n\t}\n\trequire.Equal(t, 1, g())\n}\n\nfunc helper(t *testing.T) {}\n";

#[test]
fn go_tests_that_became_weaker_are_told() {
    let now = |from: &str, to: &str| told("ring_test.go", GO, &GO.replace(from, to));
    assert_eq!(
        now("\tif got", "\tt.Skip(\"later\")\n\tif got"),
        ["3 Skipped: `TestPush` is skipped now: t.Skip"]
    );
    assert_eq!(
        now("\t\tt.Errorf(\"got %d\", got)\n", ""),
        ["3 FewerAssertions: `TestPush` checks less: 2 assertions before, 1 now"]
    );
    assert_eq!(
        now("func TestPush", "func xTestPush"),
        ["3 Unmarked: `TestPush` is called `xTestPush` now, which is no name of a test"]
    );
    assert_eq!(
        now("package ring", "//go:build ignore\n\npackage ring").len(),
        1
    );
}

#[test]
fn golden_files_need_a_reason() {
    let golden = (
        "src/__snapshots__/a.snap",
        Some("one\ntwo\n"),
        Some("one\n2\n"),
    );
    assert_eq!(
        told_of(&[golden]),
        ["2 Golden: the expected output changed, and no source file did that would explain it"]
    );
    assert_eq!(
        told_of(&[golden, ("README.md", Some("a"), Some("b"))]).len(),
        1
    );
    assert!(told_of(&[golden, ("src/a.ts", Some("a"), Some("b"))]).is_empty());
    assert!(told_of(&[("a.snap", None, Some("new"))]).is_empty());
}

#[test]
fn configuration_that_leaves_tests_out_is_told() {
    let ci =
        "jobs:\n  test:\n    steps:\n      - run: cargo build\n      - run: cargo test --all\n";
    let path = ".github/workflows/ci.yml";
    let now = |to: &str| told(path, ci, &ci.replace("      - run: cargo test --all\n", to));
    assert_eq!(
        now(""),
        ["5 Configuration: CI no longer runs `- run: cargo test --all`, nor any other tests"]
    );
    assert_eq!(
        now("      - run: cargo test --all || true\n"),
        ["5 Configuration: CI runs the tests and ignores whether they fail"]
    );
    assert_eq!(
        now("      - run: cargo test --all\n        continue-on-error: true\n"),
        ["6 Configuration: CI goes on when this step fails (`continue-on-error: true`)"]
    );
    assert!(now("      - run: cargo nextest run\n").is_empty());
    assert_eq!(told_of(&[(path, Some(ci), None)]).len(), 1);
    let package = |script: &str| format!("{{\n  \"scripts\": {{ \"test\": \"{script}\" }}\n}}\n");
    assert_eq!(
        told("package.json", &package("jest"), &package("exit 0")),
        ["2 Configuration: `npm test` runs no tests any more; it was `jest`"]
    );
    assert_eq!(told("package.json", &package("jest"), "{}").len(), 1);
    assert!(told("package.json", &package("jest"), &package("vitest run")).is_empty());
    assert_eq!(
        told(
            "pytest.ini",
            "[pytest]\n",
            "[pytest]\naddopts = --ignore=tests/slow\n"
        ),
        ["2 Configuration: a new setting leaves tests out (`--ignore`)"]
    );
    assert_eq!(
        told("Cargo.toml", "[lib]\n", "[lib]\ntest = false\n").len(),
        1
    );
}

#[test]
fn a_new_test_that_checks_nothing_is_told() {
    let after = format!("{RUST}#[test]\nfn fine() {{ assert!(true); }}\n");
    assert_eq!(
        told("src/a.rs", RUST, &after),
        ["16 Tautology: `fine` asserts something that always holds"]
    );
}

#[test]
fn broken_source_is_survived_at_every_cut() {
    for (path, text) in [
        ("a.rs", RUST),
        ("test_a.py", PYTHON),
        ("a.test.js", JAVASCRIPT),
        ("a_test.go", GO),
    ] {
        for (at, _) in text.char_indices() {
            let whole = [ChangedFile {
                path,
                before: Some(text),
                after: Some(&text[..at]),
            }];
            assert!(weakened(&whole).iter().all(|weak| weak.line >= 1));
            let reversed = [ChangedFile {
                path,
                before: Some(&text[..at]),
                after: Some(&text[at..]),
            }];
            weakened(&reversed);
        }
        assert!(
            weakened(&[ChangedFile {
                path,
                before: Some(text),
                after: Some(text)
            }])
            .is_empty()
        );
        let gone = weakened(&[ChangedFile {
            path,
            before: Some(text),
            after: Some(""),
        }]);
        assert!(
            gone.iter().any(|weak| weak.kind == Weakening::Deleted),
            "{path}"
        );
    }
}
