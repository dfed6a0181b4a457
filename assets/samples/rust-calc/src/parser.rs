use crate::Error;
use crate::token::{Token, tokens};

/// Calculates an expression.
///
/// ```
/// assert_eq!(rust_calc::calc("2 * (3 + 4)"), Ok(14.0));
/// ```
pub fn calc(text: &str) -> Result<f64, Error> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let value = parser.sum()?;
    if parser.at < parser.tokens.len() {
        return Err(Error::Trailing);
    }
    Ok(value)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    /// A product, and what is added to it or taken from it.
    fn sum(&mut self) -> Result<f64, Error> {
        let left = self.product()?;
        match self.peek() {
            Some(Token::Plus) => {
                self.at += 1;
                Ok(left + self.sum()?)
            }
            Some(Token::Minus) => {
                self.at += 1;
                Ok(left - self.sum()?)
            }
            _ => Ok(left),
        }
    }

    /// An atom, and what multiplies or divides it.
    fn product(&mut self) -> Result<f64, Error> {
        let mut value = self.atom()?;
        loop {
            match self.peek() {
                Some(Token::Star) => {
                    self.at += 1;
                    value *= self.atom()?;
                }
                Some(Token::Slash) => {
                    self.at += 1;
                    let divisor = self.atom()?;
                    if divisor == 0.0 {
                        return Err(Error::DivisionByZero);
                    }
                    value /= divisor;
                }
                _ => return Ok(value),
            }
        }
    }

    /// A number, a negated atom or an expression in brackets.
    fn atom(&mut self) -> Result<f64, Error> {
        let token = self.peek().ok_or(Error::Unfinished)?;
        self.at += 1;
        match token {
            Token::Number(number) => Ok(number),
            Token::Minus => Ok(-self.atom()?),
            Token::Open => {
                let value = self.sum()?;
                match self.peek() {
                    Some(Token::Close) => {
                        self.at += 1;
                        Ok(value)
                    }
                    Some(_) => Err(Error::Trailing),
                    None => Err(Error::Unfinished),
                }
            }
            Token::Plus => Err(Error::Unexpected('+')),
            Token::Star => Err(Error::Unexpected('*')),
            Token::Slash => Err(Error::Unexpected('/')),
            Token::Close => Err(Error::Unexpected(')')),
        }
    }

    fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }
}
