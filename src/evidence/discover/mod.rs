//! How a repository's tests are found: by the manifests of its packages, and by what its CI files run. Reads no more
//! than a bounded number of small files and follows no link.

mod ci;
mod given;
mod go;
mod node;
mod plain;
mod python;
mod rust;
mod tree;

use std::path::Path;

use super::suite::Suite;
pub(super) use ci::runs_tests;
pub use given::given;
use tree::Tree;

/// The suites of a repository, one for each package root, sorted by folder. None found is an answer: there may be no
/// tests.
pub fn discover(root: &Path) -> Vec<Suite> {
    let tree = Tree::read(root);
    let ci = ci::read(&tree);
    let mut suites = Vec::new();
    suites.extend(rust::suites(&tree, &ci));
    suites.extend(python::suites(&tree, &ci));
    suites.extend(node::suites(&tree));
    suites.extend(go::suites(&tree));
    suites.extend(plain::suites(&tree));
    if suites.is_empty() {
        suites.extend(plain::last_resort(&tree, &ci));
    }
    suites.sort_by(|a, b| a.dir.cmp(&b.dir));
    suites
}
