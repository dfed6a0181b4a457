//! The repository that an address names.

use std::fmt;

use super::GitHub;

/// A repository as its server knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slug {
    /// A person or an organisation.
    pub owner: String,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

impl GitHub {
    /// The repository of this address, when it is on this server.
    #[must_use]
    pub fn repository(&self, url: &str) -> Option<Slug> {
        let place = self.origin.split_once("://")?.1;
        let host = place.split(':').next()?;
        let path = match url.split_once("://") {
            Some((scheme @ ("https" | "http"), rest)) => {
                let (found, path) = rest.split_once('/')?;
                let found = found.rsplit('@').next()?.to_lowercase();
                let same = format!("{scheme}://{found}") == self.origin;
                same.then_some(path)?
            }
            Some(("ssh", rest)) => {
                let (found, path) = rest.split_once('/')?;
                let found = found.rsplit('@').next()?.split(':').next()?;
                found.eq_ignore_ascii_case(host).then_some(path)?
            }
            Some(_) => return None,
            None => {
                let (found, path) = url.split_once(':')?;
                let found = found.rsplit('@').next()?;
                found.eq_ignore_ascii_case(host).then_some(path)?
            }
        };
        let path = path.trim_matches('/');
        let (owner, name) = path.strip_suffix(".git").unwrap_or(path).split_once('/')?;
        let plain = |part: &str| {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            !part.is_empty() && !part.starts_with('.') && part.chars().all(fits)
        };
        (plain(owner) && plain(name)).then(|| Slug {
            owner: owner.to_owned(),
            name: name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::GitHub;

    #[test]
    fn a_repository_is_known_however_it_is_reached_and_by_its_server_alone() {
        let public = GitHub::at("https://api.github.com");
        let own = GitHub::at("https://git.example.org:8443/api/v3");
        for (forge, url, found) in [
            (&public, "https://github.com/ada/app", true),
            (&public, "https://GitHub.com/ada/app.git", true),
            (&public, "https://user:pass@github.com/ada/app/", true),
            (&public, "git@github.com:ada/app.git", true),
            (&public, "ssh://git@github.com:22/ada/app", true),
            (&public, "http://github.com/ada/app", false),
            (&public, "https://github.com.example.org/ada/app", false),
            (&public, "https://example.org/github.com/ada/app", false),
            (&public, "https://github.com@example.org/ada/app", false),
            (&public, "https://github.com/ada", false),
            (&public, "https://github.com/ada/app/tree/main", false),
            (&public, "https://github.com/../app", false),
            (&public, "/srv/github.com/ada/app", false),
            (&own, "https://git.example.org:8443/ada/app", true),
            (&own, "git@git.example.org:ada/app.git", true),
            (&own, "https://git.example.org/ada/app", false),
            (&own, "https://github.com/ada/app", false),
        ] {
            let slug = forge.repository(url).map(|slug| slug.to_string());
            assert_eq!(slug.as_deref(), found.then_some("ada/app"), "{url}");
        }
    }
}
