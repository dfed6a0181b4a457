use crate::Error;

/// The smallest part of an expression that means something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Token {
    Number(f64),
    Plus,
    Minus,
    Star,
    Slash,
    Open,
    Close,
}

/// Takes a text apart.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, Error> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let length = if c.is_ascii_digit() || c == '.' {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
            let digits = &rest[..end.unwrap_or(rest.len())];
            let number = digits.parse().map_err(|_| Error::Number(digits.to_owned()))?;
            tokens.push(Token::Number(number));
            digits.len()
        } else {
            tokens.push(sign(c)?);
            c.len_utf8()
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn sign(c: char) -> Result<Token, Error> {
    Ok(match c {
        '+' => Token::Plus,
        '-' => Token::Minus,
        '*' => Token::Star,
        '/' => Token::Slash,
        '(' => Token::Open,
        ')' => Token::Close,
        other => return Err(Error::Unexpected(other)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_signs_are_told_apart() {
        let expected = [Token::Number(1.5), Token::Star, Token::Open, Token::Number(2.0), Token::Close];
        assert_eq!(tokens(" 1.5*( 2 ) ").unwrap(), expected);
    }

    #[test]
    fn what_is_no_token_is_an_error() {
        assert_eq!(tokens("1 ? 2"), Err(Error::Unexpected('?')));
        assert_eq!(tokens("1.2.3"), Err(Error::Number("1.2.3".to_owned())));
    }
}
