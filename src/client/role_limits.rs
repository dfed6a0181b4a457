//! What one conversation of a role may use, as it is said on a command line: `coder=40`.

use clap::Args;

use super::steer::micros;

/// The roles there are.
const ROLES: [&str; 4] = ["planner", "coder", "tester", "reviewer"];

/// How much a conversation of a role may use.
#[derive(Debug, Args)]
pub(crate) struct RoleLimits {
    /// How many turns a conversation of a role may take, such as coder=40; several times for several.
    #[arg(long, value_name = "ROLE=N", value_parser = turns)]
    turns: Vec<(&'static str, i32)>,
    /// How many dollars a conversation of a role may cost, such as reviewer=0.5; several times for several.
    #[arg(long, value_name = "ROLE=USD", value_parser = spend)]
    spend: Vec<(&'static str, i64)>,
}

impl RoleLimits {
    /// Each role that was named, with its turns and its millionths of a dollar.
    pub(crate) fn named(&self) -> Vec<(&'static str, Option<i32>, Option<i64>)> {
        let named = ROLES.into_iter().map(|role| {
            let turns = self.turns.iter().rfind(|(of, _)| *of == role);
            let spend = self.spend.iter().rfind(|(of, _)| *of == role);
            (role, turns.map(|(_, n)| *n), spend.map(|(_, usd)| *usd))
        });
        named
            .filter(|(_, turns, spend)| turns.is_some() || spend.is_some())
            .collect()
    }
}

fn of_role(text: &str) -> Result<(&'static str, &str), String> {
    let (role, rest) = text.split_once('=').unwrap_or((text, ""));
    let known = ROLES.into_iter().find(|known| *known == role);
    let known = known.ok_or_else(|| format!("expected one of {}, then `=`", ROLES.join(", ")))?;
    Ok((known, rest))
}

fn turns(text: &str) -> Result<(&'static str, i32), String> {
    let (role, turns) = of_role(text)?;
    let turns = turns
        .parse()
        .ok()
        .filter(|turns| (1..=1000).contains(turns));
    let turns = turns.ok_or_else(|| "expected turns from 1 to 1000".to_owned())?;
    Ok((role, turns))
}

fn spend(text: &str) -> Result<(&'static str, i64), String> {
    let (role, dollars) = of_role(text)?;
    Ok((role, micros(dollars)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_names_its_role() {
        assert_eq!(turns("coder=40"), Ok(("coder", 40)));
        assert_eq!(spend("reviewer=0.5"), Ok(("reviewer", 500_000)));
        for text in ["coder", "coder=", "coder=0", "coder=1001", "writer=3", "=3"] {
            assert!(turns(text).is_err(), "{text}");
        }
        for text in ["coder=", "coder=-1", "coder=0", "boss=1"] {
            assert!(spend(text).is_err(), "{text}");
        }
        let limits = RoleLimits {
            turns: vec![("coder", 40), ("coder", 30)],
            spend: vec![("planner", 250_000), ("coder", 1)],
        };
        assert_eq!(
            limits.named(),
            [
                ("planner", None, Some(250_000)),
                ("coder", Some(30), Some(1))
            ]
        );
    }
}
