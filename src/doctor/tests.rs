//! Findings that can be provoked from outside, and the shape of the report.

use std::fs;
use std::path::Path;

use super::*;

async fn report(home: &Path, variables: &[(&str, &str)], machine: &Machine) -> Report {
    let home = ("CODEGRAPH_HOME", home.to_str().unwrap());
    let variables = variables.iter().chain([&home]);
    let variables = variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let config = Config::read(variables, Path::new("/")).unwrap();
    run_on(&config, machine).await
}

fn finding<'r>(report: &'r Report, name: &str) -> &'r Finding {
    report
        .findings
        .iter()
        .find(|finding| finding.name == name)
        .unwrap()
}

/// A machine with nothing on it but these tools, each a script.
fn machine(folder: &Path, tools: &[(&str, &str)]) -> Machine {
    for (name, script) in tools {
        // A child writes the file: were it open for writing in this process while another test
        // forks, running it could fail with "text file busy".
        let write = "printf '#!/bin/sh\\n%s\\n' \"$2\" > \"$1\" && chmod 755 \"$1\"";
        let mut shell = std::process::Command::new("sh");
        shell
            .args(["-c", write, "sh"])
            .arg(folder.join(name))
            .arg(script);
        assert!(shell.status().unwrap().success());
    }
    Machine {
        path: folder.into(),
        proc: folder.join("proc"),
        landlock_abi: 0,
    }
}

#[tokio::test]
async fn a_bare_machine_is_told_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let report = report(folder.path(), &[], &machine(folder.path(), &[])).await;
    for (name, status, remedy) in [
        ("postgres", Status::Warn, "CODEGRAPH_PG_WHEEL"),
        ("redis", Status::Ok, ""),
        ("sandbox", Status::Fail, "install bubblewrap"),
        ("bubblewrap", Status::Warn, "install bubblewrap"),
        ("landlock", Status::Warn, "5.13"),
        ("seccomp", Status::Warn, "CONFIG_SECCOMP_FILTER"),
        ("git", Status::Fail, "install git"),
        ("models", Status::Warn, "ANTHROPIC_API_KEY"),
        ("secrets", Status::Ok, ""),
        ("settings", Status::Ok, ""),
    ] {
        let finding = finding(&report, name);
        assert_eq!(finding.status, status, "{finding:?}");
        assert!(
            finding
                .remedy
                .as_deref()
                .unwrap_or_default()
                .contains(remedy),
            "{finding:?}"
        );
    }
    assert_eq!((report.status(), report.exit_code()), (Status::Fail, 1));
}

#[tokio::test]
async fn a_furnished_machine_has_nothing_to_mend() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let tools = [
        ("git", "echo git version 2.47.1"),
        ("bwrap", "exit 0"),
        ("python3", "exit 0"),
    ];
    let machine = Machine {
        landlock_abi: 6,
        ..machine(home, &tools)
    };
    fs::create_dir_all(home.join("proc/self")).unwrap();
    fs::write(home.join("proc/self/status"), "Name:\tx\nSeccomp:\t0\n").unwrap();
    let variables = [
        ("ANTHROPIC_API_KEY", "sk-ant-very-secret"),
        ("CODEGRAPH_LAESE", "1"),
    ];
    let report = report(home, &variables, &machine).await;
    assert_eq!(finding(&report, "sandbox").summary, "bubblewrap");
    assert_eq!(finding(&report, "landlock").summary, "ABI 6");
    assert_eq!(finding(&report, "git").summary, "2.47.1");
    assert_eq!(
        finding(&report, "models").summary,
        "claude-opus-5-5 (planner, reviewer); claude-sonnet-5-5 (coder, tester)"
    );
    assert_eq!(
        finding(&report, "settings").summary,
        "CODEGRAPH_LAESE means nothing"
    );
    assert_eq!(
        finding(&report, "postgres").summary,
        "embedded, not started yet"
    );
    assert_eq!(report.exit_code(), 0);
    assert!(!report.json().contains("very-secret"));
}

#[tokio::test]
async fn a_bubblewrap_that_may_not_make_namespaces_is_not_a_wall() {
    let folder = tempfile::tempdir().unwrap();
    let said = "bwrap: No permissions to create a new namespace";
    let machine = machine(
        folder.path(),
        &[("bwrap", &format!("echo {said} >&2; exit 1"))],
    );
    let report = report(
        folder.path(),
        &[("CODEGRAPH_SANDBOX", "bubblewrap")],
        &machine,
    )
    .await;
    let bubblewrap = finding(&report, "bubblewrap");
    assert_eq!(bubblewrap.detail.as_deref(), Some(said));
    assert!(bubblewrap.remedy.as_deref().unwrap().contains("userns"));
    assert_eq!(finding(&report, "sandbox").status, Status::Fail);
}

#[tokio::test]
async fn servers_that_do_not_answer_are_named_without_their_passwords() {
    let folder = tempfile::tempdir().unwrap();
    // Port 1 of this host: refused at once.
    let variables = [
        ("DATABASE_URL", "postgresql://me:hunter22@127.0.0.1:1/x"),
        ("REDIS_URL", "redis://:hunter22@127.0.0.1:1"),
    ];
    let report = report(folder.path(), &variables, &machine(folder.path(), &[])).await;
    assert_eq!(
        finding(&report, "postgres").summary,
        "does not answer at 127.0.0.1:1/x"
    );
    assert_eq!(
        finding(&report, "redis").summary,
        "does not answer at 127.0.0.1:1"
    );
    assert_eq!(finding(&report, "redis").status, Status::Fail);
    assert!(!report.json().contains("hunter22"));
}

#[tokio::test]
async fn the_embedded_server_is_known_by_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let machine = machine(home, &[]);
    for made in [
        "bundle/pg-18/bin",
        "bundle/pg-19.incomplete/bin",
        "data",
        "proc/4711",
    ] {
        fs::create_dir_all(home.join(made)).unwrap();
    }
    fs::write(home.join("bundle/pg-18/bin/postgres"), "").unwrap();
    fs::write(home.join("bundle/pg-19.incomplete/bin/postgres"), "").unwrap();
    fs::write(home.join("data/PG_VERSION"), "18\n").unwrap();
    let first = report(home, &[], &machine).await;
    let postgres = finding(&first, "postgres");
    assert_eq!(
        postgres.summary,
        "embedded, not running; its data is of version 18"
    );
    assert!(
        postgres
            .detail
            .as_deref()
            .unwrap()
            .ends_with("bundle/pg-18")
    );

    fs::write(home.join("data/postmaster.pid"), "4711\n/data\n").unwrap();
    let second = report(home, &[], &machine).await;
    assert_eq!(
        finding(&second, "postgres").summary,
        "embedded, running as process 4711"
    );

    fs::write(home.join("data/postmaster.pid"), "4712\n/data\n").unwrap();
    let third = report(home, &[], &machine).await;
    assert!(
        finding(&third, "postgres").summary.contains("not running"),
        "a stale file"
    );

    let fourth = report(home, &[("CODEGRAPH_PG_WHEEL", "/nowhere.whl")], &machine).await;
    assert!(
        finding(&fourth, "postgres")
            .summary
            .contains("/nowhere.whl, which is none")
    );
}

#[tokio::test]
async fn a_check_that_hangs_becomes_a_finding() {
    let findings = limited(Duration::ZERO, "redis", std::future::pending()).await;
    assert_eq!(findings[0].summary, "no answer within 0 s");
    assert_eq!(findings[0].status, Status::Fail);
}

#[test]
fn the_report_reads_as_a_table_and_as_an_object() {
    let findings = vec![
        Finding::ok("git", "2.47.1"),
        Finding::warn("sandbox", "none")
            .detail("all rights")
            .remedy("unset it"),
    ];
    let report = Report { findings };
    let mut table = Vec::new();
    report.print(&mut table).unwrap();
    let expected = "\
✓ ok    git      2.47.1
! warn  sandbox  none
                 all rights
                 → unset it

1 ok, 1 to look at, 0 to mend
";
    assert_eq!(String::from_utf8(table).unwrap(), expected);
    let object: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
    let expected = serde_json::json!({
        "status": "warn",
        "findings": [
            { "name": "git", "status": "ok", "summary": "2.47.1" },
            { "name": "sandbox", "status": "warn", "summary": "none",
              "detail": "all rights", "remedy": "unset it" },
        ],
    });
    assert_eq!(object, expected);
}

#[tokio::test]
async fn engines_are_looked_for_where_they_would_run() {
    let folder = tempfile::tempdir().unwrap();
    let models = folder.path().join("models.toml");
    let row = |id: &str, program: &str| {
        format!(
            "[[engines]]\nid = \"{id}\"\ncommand = [\"{program}\"]\nmodel = \"claude-sonnet-5-5\"\n"
        )
    };
    fs::write(
        &models,
        row("there", "cat") + &row("away", "no-such-program"),
    )
    .unwrap();
    let variables = [
        ("CODEGRAPH_MODELS", models.to_str().unwrap()),
        ("CODEGRAPH_ANTHROPIC_API_KEY", "sk-test"),
    ];
    let report = report(folder.path(), &variables, &machine(folder.path(), &[])).await;
    let engines: Vec<_> = report
        .findings
        .iter()
        .filter(|f| f.name == "engines")
        .collect();
    let [there, away] = engines[..] else {
        // Without the wall that they need, that is what is said, and of all of them at once.
        let wall = crate::config::Wall::Bubblewrap;
        let wall = crate::providers::sandbox::Sandbox::new(wall).await;
        assert!(wall.is_err() && engines.len() == 1, "{engines:?}");
        assert_eq!(engines[0].summary, "none can run here");
        return;
    };
    assert_eq!(there.status, Status::Ok, "{there:?}");
    assert!(
        there.summary.starts_with("there: /") && there.summary.ends_with("claude-sonnet-5-5"),
        "{there:?}"
    );
    assert_eq!(away.status, Status::Warn, "{away:?}");
    assert!(
        away.summary
            .contains("no `no-such-program` inside the sandbox"),
        "{away:?}"
    );
}
