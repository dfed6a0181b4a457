//! Names that go into commands: checked first, since git takes many things for a revision or a rule.

use super::Error;

/// A whole object id.
pub(super) fn object(id: &str) -> Result<&str, Error> {
    let hexadecimal = id
        .bytes()
        .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if hexadecimal && matches!(id.len(), 40 | 64) {
        Ok(id)
    } else {
        Err(Error::refused("this is not the id of an object", id))
    }
}

/// A ref of ours: nothing of a source's is ever changed by name.
pub(super) fn own_ref(name: &str) -> Result<&str, Error> {
    match name.strip_prefix("refs/codegraph/") {
        Some(rest) if is_plain(rest) => Ok(name),
        _ => Err(Error::refused(
            "this is not a name below refs/codegraph/",
            name,
        )),
    }
}

/// A branch, without `refs/heads/`.
pub(super) fn branch(name: &str) -> Result<&str, Error> {
    if is_plain(name) && name != "HEAD" && !name.starts_with("refs/") {
        Ok(name)
    } else {
        Err(Error::refused("this is not the name of a branch", name))
    }
}

/// The rules of git-check-ref-format, as far as they keep a name from being anything else than a name.
fn is_plain(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['.', '-'])
            && !part.ends_with(['.'])
            && !part.ends_with(".lock")
    };
    let strange = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\@".contains(c);
    name.len() <= 200
        && name.split('/').all(part)
        && !name.contains("..")
        && !name.contains(strange)
}

#[cfg(test)]
mod tests {
    use super::{branch, object, own_ref};

    #[test]
    fn only_names_are_names() {
        for name in ["main", "codegraph/fix-1", "a.b/c_d", "über"] {
            assert!(branch(name).is_ok(), "{name}");
        }
        for name in [
            "",
            "-x",
            "a/-x",
            "a:b",
            "a b",
            "a..b",
            "a/",
            "/a",
            "a//b",
            "a.lock",
            "HEAD",
            "refs/heads/a",
            "a@{1}",
            "a^",
            "+a\n",
        ] {
            assert!(branch(name).is_err(), "{name}");
        }
        assert!(own_ref("refs/codegraph/run/1").is_ok());
        for name in [
            "refs/heads/main",
            "refs/codegraph/",
            "refs/codegraph/../heads/main",
        ] {
            assert!(own_ref(name).is_err(), "{name}");
        }
        assert!(object(&"a".repeat(40)).is_ok());
        for id in ["HEAD", "--all", &"a".repeat(39), &"A".repeat(40)] {
            assert!(object(id).is_err(), "{id}");
        }
    }
}
