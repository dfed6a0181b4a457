//! What the texts of programs are made of, by the grammars of their languages: where one cannot be parsed, and what it
//! defines. Pure. What may not live here: where texts come from, and what is said of them.

mod outline;

pub use self::outline::{Kind, Outline, Outliner, Symbol};

use tree_sitter::{Language, Node, Parser, Tree};

/// Longer texts are not parsed.
pub const LARGEST: usize = 500_000;
/// Errors that are looked for.
const COUNTED: usize = 50;
/// Characters of a line that are told.
const WIDTH: usize = 200;

/// The grammar of a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grammar {
    /// Rust.
    Rust,
    /// Python.
    Python,
    /// JavaScript, with JSX.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
    /// Go.
    Go,
}

impl Grammar {
    /// That of a file, by its name.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
        Some(match ending {
            "rs" => Self::Rust,
            "py" | "pyi" => Self::Python,
            "js" | "mjs" | "cjs" | "jsx" => Self::JavaScript,
            "ts" | "mts" | "cts" => Self::TypeScript,
            "tsx" => Self::Tsx,
            "go" => Self::Go,
            _ => return None,
        })
    }

    fn language(self) -> Language {
        match self {
            Self::Rust => tree_sitter_rust::LANGUAGE.into(),
            Self::Python => tree_sitter_python::LANGUAGE.into(),
            Self::JavaScript => tree_sitter_javascript::LANGUAGE.into(),
            Self::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            Self::Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
            Self::Go => tree_sitter_go::LANGUAGE.into(),
        }
    }

    fn parse(self, text: &str) -> Option<Tree> {
        if text.len() > LARGEST {
            return None;
        }
        let mut parser = Parser::new();
        parser.set_language(&self.language()).ok()?;
        parser.parse(text, None)
    }

    /// The lines where a text cannot be parsed, by number and in order; nothing when it is not tried.
    #[must_use]
    pub fn errors(self, text: &str) -> Option<Vec<(usize, String)>> {
        let tree = self.parse(text)?;
        let mut rows = Vec::new();
        let mut open = vec![tree.root_node()];
        while let Some(node) = open.pop() {
            let mut cursor = node.walk();
            let below: Vec<_> = node.children(&mut cursor).collect();
            let wrong = |node: &&Node<'_>| node.is_missing() || node.has_error();
            let before = open.len();
            open.extend(below.iter().filter(wrong));
            // What is wrong within says more than what is wrong around it.
            let innermost = open.len() == before;
            if innermost && (node.is_error() || node.is_missing()) {
                // Of a text that makes no sense as a whole, the end is where sense was last looked for.
                let whole = node.parent().is_none();
                let at = below.last().filter(|_| whole).unwrap_or(&node);
                rows.push(at.start_position().row);
            }
            if rows.len() >= COUNTED {
                break;
            }
        }
        rows.sort_unstable();
        let lines: Vec<&str> = text.split('\n').collect();
        let told = |row: usize| {
            let line = lines.get(row).copied().unwrap_or_default();
            (row + 1, line.trim_end().chars().take(WIDTH).collect())
        };
        Some(rows.into_iter().map(told).collect())
    }
}
