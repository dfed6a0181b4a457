//! The examples of `docs/API.md`, run as they stand there: a manual that lies is found out.

use std::{
    fs::{self, File},
    process::Stdio,
};

use tokio::{io::AsyncWriteExt as _, process::Command};

use super::port::Port;

const MANUAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/API.md");

/// The blocks marked `sh`, each with the line it begins at.
fn examples() -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    let manual = fs::read_to_string(MANUAL).unwrap();
    for (index, line) in manual.lines().enumerate() {
        match line {
            "```sh" => {
                found.push((index + 1, String::new()));
                inside = true;
            }
            "```" => inside = false,
            _ if inside => {
                let (_, text) = found.last_mut().unwrap();
                text.push_str(line);
                text.push('\n');
            }
            _ => {}
        }
    }
    found
}

#[tokio::test]
async fn every_example_does_what_the_manual_says() {
    let examples = examples();
    assert!(examples.len() >= 10, "{} examples", examples.len());
    let mut script = String::from("set -euo pipefail\n");
    for (line, example) in &examples {
        script += &format!("echo '--- docs/API.md:{line}' >&2\n{example}");
    }
    script += "echo '--- all of them' >&2\n";
    let folder = tempfile::tempdir().unwrap();
    let home = fs::canonicalize(folder.path()).unwrap();
    let port = Port::open(&[("CODEGRAPH_HOME", home.to_str().unwrap())]).await;
    // Into files: a stream that nobody reads any more still holds what it was given, but not the shell up.
    let [out, err] = ["out", "err"].map(|name| home.join(name));
    let mut shell = Command::new("bash")
        .current_dir(&home)
        .env("URL", &port.url)
        .env("HOME", &home)
        .stdin(Stdio::piped())
        .stdout(File::create(&out).unwrap())
        .stderr(File::create(&err).unwrap())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = shell.stdin.take().unwrap();
    stdin.write_all(script.as_bytes()).await.unwrap();
    drop(stdin);
    let status = shell.wait().await.unwrap();
    let [out, err] = [out, err].map(|file| fs::read_to_string(file).unwrap());
    assert!(
        status.success() && err.ends_with("--- all of them\n"),
        "the last example that is named has failed (they need bash, curl, jq and openssl)\n{out}\n{err}"
    );
    // A canceled run leaves its wake-up to the next worker, and there is none here.
    port.forget().await;
}
