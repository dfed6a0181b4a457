//! The sample repositories.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where they are.
pub(crate) fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples")
}

/// Copies one, without what its own builds have left, so that nothing writes into the tree.
pub(crate) fn copy_sample(name: &str, to: &Path) {
    let mut open = vec![(samples().join(name), to.to_owned())];
    while let Some((from, to)) = open.pop() {
        fs::create_dir_all(&to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let (path, to) = (entry.path(), to.join(entry.file_name()));
            let made = ["target", "__pycache__", "node_modules"];
            if entry.file_type().unwrap().is_file() {
                fs::copy(path, to).unwrap();
            } else if !made.contains(&entry.file_name().to_str().unwrap()) {
                open.push((path, to));
            }
        }
    }
}
