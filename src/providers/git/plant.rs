//! A repository made of files that we have ourselves.

use std::{fs, path::Path};

use super::{Error, command::Git, store::beside};

/// Makes a repository of these files (path, text) in this folder, with one commit on `main`. One that is there already
/// stays as it is; one that a crash left half made is made anew.
pub async fn plant(folder: &Path, files: &[(&str, &str)], message: &str) -> Result<(), Error> {
    if folder.is_dir() {
        return Ok(());
    }
    let half = beside(folder, "new");
    super::store::remove(&half)?;
    for (path, text) in files {
        let file = half.join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).map_err(Error::io("make the folder", parent))?;
        }
        fs::write(&file, text).map_err(Error::io("write", &file))?;
    }
    Git::new("init")
        .args(["--quiet", "--template=", "--initial-branch=main", "--"])
        .arg(&half)
        .run("make a repository")
        .await?;
    let store = half.join(".git");
    let inside = |verb: &str| Git::at(&store, verb).over(&half, &store.join("index"));
    inside("add").args(["--all"]).run("add the files").await?;
    let mut commit = inside("commit");
    for role in ["AUTHOR", "COMMITTER"] {
        commit = commit
            .env(&format!("GIT_{role}_NAME"), "Somebody")
            .env(&format!("GIT_{role}_EMAIL"), "somebody@example.org");
    }
    commit
        .args(["--quiet", "--no-verify", "--message", message])
        .run("commit the files")
        .await?;
    fs::rename(&half, folder).map_err(Error::io("rename", &half))
}
