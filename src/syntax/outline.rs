//! What a text defines and what it speaks of, as the queries say that come with the grammars.

use std::{
    collections::{BTreeMap, HashMap, HashSet, hash_map::Entry},
    fmt,
};

use serde::{Deserialize, Serialize};
use tree_sitter::{Query, QueryCursor, QueryMatch, StreamingIterator as _};

use super::Grammar;

/// Ways in which a pattern may begin that are followed at once: comments in a row begin many.
const FOLLOWED: u32 = 4_096;

/// What something is that a text defines, in the words of the grammars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A function.
    Function,
    /// A function of a type.
    Method,
    /// A class, a structure, an enumeration.
    Class,
    /// An interface or a trait.
    Interface,
    /// A module.
    Module,
    /// A macro.
    Macro,
    /// Another type.
    Type,
    /// A value with a name.
    Constant,
}

impl Kind {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "function" => Self::Function,
            "method" => Self::Method,
            "class" => Self::Class,
            "interface" => Self::Interface,
            "module" => Self::Module,
            "macro" => Self::Macro,
            "type" => Self::Type,
            "constant" => Self::Constant,
            _ => return None,
        })
    }
}

/// Something that a text defines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symbol {
    /// What it is.
    pub kind: Kind,
    /// What it is called.
    pub name: String,
    /// The line of its name, from 1.
    pub line: u32,
}

/// What a text is about.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// What it defines, in order.
    pub symbols: Vec<Symbol>,
    /// The names of what it calls and uses.
    pub speaks_of: HashSet<String>,
}

/// Reads outlines. What it has learned of a language serves for all texts in it.
#[derive(Default)]
pub struct Outliner {
    queries: HashMap<Grammar, Query>,
}

impl fmt::Debug for Outliner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.queries.keys()).finish()
    }
}

impl Outliner {
    /// The outline of a text; nothing when it is not tried. What cannot be parsed in it is left out.
    pub fn read(&mut self, grammar: Grammar, text: &str) -> Option<Outline> {
        let tree = grammar.parse(text)?;
        let query = match self.queries.entry(grammar) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                place.insert(Query::new(&grammar.language(), &tags(grammar)).ok()?)
            }
        };
        let mut cursor = QueryCursor::new();
        cursor.set_match_limit(FOLLOWED);
        let mut symbols: BTreeMap<usize, Symbol> = BTreeMap::new();
        let mut speaks_of = HashSet::new();
        let mut matches = cursor.matches(query, tree.root_node(), text.as_bytes());
        while let Some(found) = matches.next() {
            let Some((place, said, kind)) = told(query, found, text) else {
                continue;
            };
            let Some(kind) = kind else {
                speaks_of.insert(said.name);
                continue;
            };
            let symbol = Symbol { kind, ..said };
            // A function of a type is a function, too; the narrower word stays.
            let known = symbols.entry(place).or_insert_with(|| symbol.clone());
            if known.kind == Kind::Function {
                *known = symbol;
            }
        }
        Some(Outline {
            symbols: symbols.into_values().collect(),
            speaks_of,
        })
    }
}

/// Where the name stands that was found, what is called so, and as what it is defined, if it is.
fn told(
    query: &Query,
    found: &QueryMatch<'_, '_>,
    text: &str,
) -> Option<(usize, Symbol, Option<Kind>)> {
    let (mut name, mut kind) = (None, None);
    for capture in found.captures() {
        let what = *query.capture_names().get(capture.index as usize)?;
        match what.split_once('.') {
            Some(("definition", word)) => kind = Some(Kind::of(word)?),
            None if what == "name" => name = Some(capture.node),
            _ => {}
        }
    }
    let name = name?;
    let symbol = Symbol {
        kind: kind.unwrap_or(Kind::Constant),
        name: name.utf8_text(text.as_bytes()).ok()?.to_owned(),
        line: u32::try_from(name.start_position().row + 1).unwrap_or(u32::MAX),
    };
    Some((name.start_byte(), symbol, kind))
}

/// The query that finds names in texts of a language.
fn tags(grammar: Grammar) -> String {
    match grammar {
        Grammar::Rust => tree_sitter_rust::TAGS_QUERY.to_owned(),
        Grammar::Python => tree_sitter_python::TAGS_QUERY.to_owned(),
        Grammar::JavaScript => tree_sitter_javascript::TAGS_QUERY.to_owned(),
        Grammar::Go => tree_sitter_go::TAGS_QUERY.to_owned(),
        // What JavaScript has TypeScript has too, and its own query says only what is new.
        Grammar::TypeScript | Grammar::Tsx => [
            tree_sitter_javascript::TAGS_QUERY,
            tree_sitter_typescript::TAGS_QUERY,
        ]
        .join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(path: &str, text: &str) -> (Vec<(Kind, String, u32)>, Vec<String>) {
        let grammar = Grammar::of(path).unwrap();
        let outline = Outliner::default().read(grammar, text).expect(path);
        let symbols = outline.symbols.into_iter();
        let mut speaks_of: Vec<String> = outline.speaks_of.into_iter().collect();
        speaks_of.sort();
        (
            symbols.map(|s| (s.kind, s.name, s.line)).collect(),
            speaks_of,
        )
    }

    #[test]
    fn every_language_says_what_it_defines_and_speaks_of() {
        let rust = "pub struct Bolt;\nimpl Bolt {\n    fn turn(&self) { shake() }\n}\ntrait Part {}\nmod inner {}\n\
                    macro_rules! nut { () => {} }\nfn main() { Bolt.turn() }\n";
        let python = "SIZE = 3\nclass Bolt:\n    def turn(self):\n        return shake(SIZE)\n";
        let javascript =
            "class Bolt {\n  turn() { return shake() }\n}\nconst nut = () => new Bolt()\n";
        let typescript = "interface Part { turn(): void }\nexport function shake(part: Part) { part.turn() }\n\
                          abstract class Bolt {}\nexport const nut = () => shake(new Bolt())\n";
        let go = "package a\n\ntype Bolt struct{}\n\nfunc (b Bolt) Turn() { shake() }\n\nfunc main() {}\n";
        for (path, text, defined, used) in [
            (
                "a.rs",
                rust,
                &["Bolt", "turn", "Part", "inner", "nut", "main"][..],
                "shake",
            ),
            ("a.py", python, &["SIZE", "Bolt", "turn"], "shake"),
            ("a.js", javascript, &["Bolt", "turn", "nut"], "shake"),
            ("a.jsx", javascript, &["Bolt", "turn", "nut"], "Bolt"),
            (
                "a.ts",
                typescript,
                &["Part", "turn", "shake", "Bolt", "nut"],
                "shake",
            ),
            (
                "a.tsx",
                typescript,
                &["Part", "turn", "shake", "Bolt", "nut"],
                "Bolt",
            ),
            ("a.go", go, &["Bolt", "Turn", "main"], "shake"),
        ] {
            let (symbols, speaks_of) = outline(path, text);
            let names: Vec<&str> = symbols.iter().map(|(_, name, _)| name.as_str()).collect();
            assert_eq!(names, defined, "{path}");
            assert!(
                speaks_of.iter().any(|word| word == used),
                "{path}: {speaks_of:?}"
            );
        }
        let (symbols, _) = outline("a.rs", rust);
        assert_eq!(symbols[1], (Kind::Method, "turn".to_owned(), 3));
        assert_eq!(symbols[5], (Kind::Function, "main".to_owned(), 8));
    }

    #[test]
    fn what_is_broken_or_too_long_does_no_harm() {
        let (symbols, _) = outline("a.py", "def a(:\n    pass\n\ndef b():\n    pass\n");
        assert!(
            symbols.iter().any(|(_, name, _)| name == "b"),
            "{symbols:?}"
        );
        let long = "x = 1\n".repeat(200_000);
        assert_eq!(Outliner::default().read(Grammar::Python, &long), None);
    }
}
