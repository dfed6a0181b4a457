//! Arithmetic from text: `calc("2 * (3 + 4)")` is 14.
//!
//! A text becomes tokens (`token`), tokens become a number (`parser`). There is no tree in between; an expression is
//! evaluated while it is read.

mod parser;
mod token;

pub use parser::calc;

/// Why a text could not be calculated.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// A character that means nothing here.
    Unexpected(char),
    /// A number that is none, such as `1.2.3`.
    Number(String),
    /// The text ended in the middle of something.
    Unfinished,
    /// There was more after the expression.
    Trailing,
    /// A division by zero.
    DivisionByZero,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Unexpected(c) => write!(f, "`{c}` is not expected here"),
            Error::Number(text) => write!(f, "`{text}` is not a number"),
            Error::Unfinished => write!(f, "the expression is not finished"),
            Error::Trailing => write!(f, "there is something after the expression"),
            Error::DivisionByZero => write!(f, "division by zero"),
        }
    }
}

impl std::error::Error for Error {}
