//! Which package registries a repository names by itself: in lock files and in the settings of package managers. They
//! are proposed to people for the hosts that commands may reach; nothing is let through by being found.

use std::collections::BTreeMap;

use crate::providers::gate::Host;

/// A host, and the file that names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// The host, with its port where that is not the usual one.
    pub host: String,
    /// The file.
    pub because: String,
}

/// Files in the top folder that name registries.
pub(super) const FILES: [&str; 14] = [
    ".cargo/config.toml",
    ".npmrc",
    ".yarnrc.yml",
    "Cargo.lock",
    "Pipfile",
    "Pipfile.lock",
    "package-lock.json",
    "pip.conf",
    "pnpm-lock.yaml",
    "poetry.lock",
    "pyproject.toml",
    "requirements.txt",
    "uv.lock",
    "yarn.lock",
];

/// What stands before the address of a registry in one of them. Addresses of homepages and documentation do not.
const BEFORE: [&str; 16] = [
    "resolved",
    "registry",
    "sparse+",
    "index-url",
    "index_url",
    "index",
    "url",
    "tarball",
    "find-links",
    "npmRegistryServer",
    "source",
    "proxy",
    "default-index",
    "extra-index-url",
    "-i",
    "primary",
];

/// Most that are proposed.
const MOST: usize = 12;

/// The hosts that these files name, those first that are named most often.
pub(super) fn of(files: &[(&str, String)]) -> Vec<Named> {
    let mut counted: BTreeMap<String, (usize, &str)> = BTreeMap::new();
    for (path, text) in files {
        for host in text.lines().filter_map(in_line) {
            counted.entry(host).or_insert((0, path)).0 += 1;
        }
    }
    let mut all: Vec<(usize, Named)> = counted
        .into_iter()
        .map(|(host, (times, path))| {
            let because = path.to_owned();
            (times, Named { host, because })
        })
        .collect();
    all.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    all.into_iter().map(|(_, named)| named).take(MOST).collect()
}

/// The host of the registry that a line names.
fn in_line(line: &str) -> Option<String> {
    let at = line.find("https://").or_else(|| line.find("http://"))?;
    let (before, address) = line.split_at(at);
    let fits = |words: &[&str]| words.iter().any(|word| before.contains(word));
    // Crates of an index in git are fetched from elsewhere than the repository that is named.
    if !fits(&BEFORE)
        || fits(&[
            "registry+",
            "git+",
            "homepage",
            "documentation",
            "repository",
            "funding",
        ])
    {
        return None;
    }
    let (scheme, rest) = address.split_once("://")?;
    let end = rest
        .find(|c: char| "/?#\"' \t,)}>".contains(c))
        .unwrap_or(rest.len());
    let place = rest[..end].rsplit('@').next()?.to_ascii_lowercase();
    let usual = if scheme == "https" { ":443" } else { ":80" };
    let place = place.strip_suffix(usual).unwrap_or(&place);
    // What cannot be let through is not proposed.
    place.parse::<Host>().is_ok().then(|| place.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_are_found_in_lock_files_and_settings() {
        let files = [
            (
                "package-lock.json",
                "\"resolved\": \"https://npm.example.com/a/-/a-1.tgz\",\n\"url\": \"https://npm.example.com/b.tgz\"\n\
                 \"homepage\": \"https://a.example.org\"\n"
                    .to_owned(),
            ),
            (".npmrc", "registry=https://user:word@npm.internal:8081/x/\n".to_owned()),
            (
                "Cargo.lock",
                "source = \"registry+https://code.example.org/index\"\nsource = \"sparse+https://crates.example.com/\"\n"
                    .to_owned(),
            ),
            ("requirements.txt", "--index-url https://10.0.0.1/simple\n-i http://py.example.com:80/simple\n".to_owned()),
        ];
        let told: Vec<_> = of(&files)
            .into_iter()
            .map(|named| (named.host, named.because))
            .collect();
        let told: Vec<_> = told
            .iter()
            .map(|(host, file)| (host.as_str(), file.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("npm.example.com", "package-lock.json"),
                ("crates.example.com", "Cargo.lock"),
                ("npm.internal:8081", ".npmrc"),
                ("py.example.com", "requirements.txt"),
            ]
        );
    }
}
