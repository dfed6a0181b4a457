//! docker-compose.yml and deploy/Dockerfile, as far as they can be looked at without Docker: every key is one that
//! Compose knows, names lead somewhere, settings exist, no secret stands in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use crate::support::left_out;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Compose {
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "x-codegraph")]
    _shared: serde_json::Value,
    services: BTreeMap<String, Service>,
    volumes: BTreeMap<String, Option<Nothing>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    image: Option<String>,
    build: Option<Build>,
    command: Option<Vec<String>>,
    #[serde(rename = "restart")]
    _restart: Option<String>,
    #[serde(rename = "stop_grace_period")]
    _stop_grace_period: Option<String>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    volumes: Vec<String>,
    #[serde(default)]
    ports: Vec<String>,
    #[serde(default)]
    depends_on: BTreeMap<String, Condition>,
    healthcheck: Option<Healthcheck>,
    #[serde(default)]
    profiles: Vec<String>,
    #[serde(default, rename = "security_opt")]
    _security_opt: Vec<String>,
    #[serde(default, rename = "cap_drop")]
    _cap_drop: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Build {
    context: String,
    dockerfile: String,
    target: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Condition {
    condition: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Healthcheck {
    test: Option<Vec<String>>,
    #[serde(default)]
    disable: bool,
    #[serde(rename = "interval")]
    _interval: Option<String>,
    #[serde(rename = "timeout")]
    _timeout: Option<String>,
    #[serde(rename = "retries")]
    _retries: Option<u32>,
    #[serde(rename = "start_period")]
    _start_period: Option<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

fn compose() -> Compose {
    // Its values: the anchors, merges and profiles are resolved as Compose does.
    let text = read("docker-compose.yml");
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("docker-compose.yml: {error}"))
}

#[test]
fn every_name_leads_somewhere() {
    let compose = compose();
    for (name, service) in &compose.services {
        for (other, how) in &service.depends_on {
            let other_service = &compose.services[other];
            match how.condition.as_str() {
                "service_started" => {}
                "service_healthy" => {
                    let check = other_service.healthcheck.as_ref();
                    assert!(
                        check.is_some_and(|check| check.test.is_some()),
                        "{name} waits for the health of {other}"
                    );
                }
                other => panic!("{name}: no condition {other}"),
            }
            assert!(
                other_service.profiles.is_empty(),
                "{name} needs {other}, which is not always there"
            );
        }
        for volume in &service.volumes {
            let from = volume.split(':').next().unwrap();
            assert!(
                from.starts_with('.') || compose.volumes.contains_key(from),
                "{name}: {volume}"
            );
        }
        match (&service.image, &service.build) {
            (_, Some(build)) => {
                assert_eq!(build.context, ".");
                let stages = read(&build.dockerfile);
                if let Some(target) = &build.target {
                    assert!(
                        stages.contains(&format!(" AS {target}\n")),
                        "{name}: no stage {target}"
                    );
                }
            }
            (Some(image), None) => {
                let tag = image.rsplit_once(':').map(|(_, tag)| tag);
                assert!(
                    tag.is_some_and(|tag| tag != "latest"),
                    "{name}: {image} is a different one each week"
                );
            }
            (None, None) => panic!("{name} is made of nothing"),
        }
        let check = service.healthcheck.as_ref();
        assert!(
            check.is_some_and(|check| check.disable != check.test.is_some()),
            "{name} says nothing about its health"
        );
    }
    let used: BTreeSet<&str> = compose
        .services
        .values()
        .flat_map(|s| &s.volumes)
        .filter_map(|v| v.split(':').next())
        .collect();
    assert!(
        compose
            .volumes
            .keys()
            .all(|volume| used.contains(volume.as_str())),
        "a volume nobody uses"
    );
}

#[test]
fn settings_exist_commands_too_and_nothing_is_secret() {
    let known = codegraph::config::variables();
    for (name, service) in compose().services {
        for (variable, value) in &service.environment {
            let ours = known.contains(variable);
            let of_postgres = name == "postgres" && variable.starts_with("POSTGRES_");
            assert!(ours || of_postgres, "{name}: nobody reads {variable}");
            let secret = ["PASSWORD", "KEY", "TOKEN", "SECRET"]
                .iter()
                .any(|word| variable.contains(word));
            assert!(
                !secret || value.starts_with("${"),
                "{name}: {variable} stands in the file"
            );
            if let Some((_, rest)) = value.split_once("://codegraph:") {
                assert!(
                    rest.starts_with("${POSTGRES_PASSWORD:?"),
                    "{name}: {variable}"
                );
            }
        }
        for port in &service.ports {
            assert!(
                port.starts_with("127.0.0.1:"),
                "{name} is open to the network: {port}"
            );
        }
        if service.image.as_deref() == Some("codegraph") {
            let command = service.command.unwrap();
            let mut program = Command::new(env!("CARGO_BIN_EXE_codegraph"));
            let asked = program.args(&command).arg("--help").output().unwrap();
            assert!(asked.status.success(), "{name}: codegraph {command:?}");
        }
    }
}

#[test]
fn every_profile_has_an_api_and_a_worker_each_at_its_own_door() {
    let compose = compose();
    let dockerfile = read("deploy/Dockerfile");
    let dev = dockerfile.split(" AS dev\n").nth(1).unwrap();
    let dev = dev.split("\nFROM ").next().unwrap();
    assert!(
        dev.trim_end()
            .ends_with("\"cargo\", \"run\", \"--\", \"up\"]"),
        "with the API alone no task is ever done: {dev}"
    );
    let mut doors = BTreeSet::new();
    for (name, service) in &compose.services {
        for port in &service.ports {
            let door = port.rsplit_once(':').unwrap().0;
            assert!(doors.insert(door.to_owned()), "{name}: {door} is taken");
        }
    }
    let worker = &compose.services["worker"];
    let asks = worker
        .healthcheck
        .as_ref()
        .and_then(|check| check.test.as_ref());
    let at = &worker.environment["CODEGRAPH_WORKER_HEALTH"];
    assert!(asks.unwrap().last().unwrap().contains(at.as_str()));
}

#[test]
fn the_image_is_small_runs_as_nobody_and_has_the_toolchain_of_the_tree() {
    let text = read("deploy/Dockerfile");
    let last = text.rsplit("\nFROM ").next().unwrap();
    assert!(last.starts_with("debian:bookworm-slim\n"));
    let user = last
        .lines()
        .find_map(|line| line.strip_prefix("USER "))
        .unwrap();
    assert!(
        user.parse::<u32>().is_ok_and(|id| id > 0),
        "by number, so that an orchestrator can see it"
    );
    assert!(last.find("USER ").unwrap() < last.find("ENTRYPOINT").unwrap());
    let toolchain = read("rust-toolchain.toml");
    let rust = text
        .lines()
        .find_map(|line| line.strip_prefix("FROM rust:"))
        .unwrap();
    let version = rust.split('-').next().unwrap();
    assert!(
        toolchain.contains(&format!("channel = \"{version}")),
        "{rust}"
    );
    let ignored = read(".dockerignore");
    for path in [".git", ".env", "target"] {
        assert!(
            ignored.lines().any(|line| line == path),
            "{path} would be sent along"
        );
    }
}

/// Compose as it is installed here: the plugin of today, or the program before it, which knows no name of a project.
fn installed() -> Option<(Command, bool)> {
    for (program, plugin) in [("docker", &["compose"][..]), ("docker-compose", &[])] {
        let mut command = Command::new(program);
        let there = command.args(plugin).arg("version").output();
        if there.is_ok_and(|said| said.status.success()) {
            let mut command = Command::new(program);
            command.args(plugin);
            return Some((command, !plugin.is_empty()));
        }
    }
    None
}

#[test]
fn compose_itself_has_no_complaint_where_it_is_installed() {
    let Some((mut command, names)) = installed() else {
        left_out("docker compose is not installed");
        return;
    };
    let file = read("docker-compose.yml");
    let lines = file.lines();
    let known: Vec<&str> = lines
        .filter(|line| names || !line.starts_with("name:"))
        .collect();
    let mut child = command
        .args(["-f", "-", "--profile", "dev", "config", "--quiet"])
        .env("POSTGRES_PASSWORD", "x")
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(known.join("\n").as_bytes()).unwrap();
    drop(input);
    let said = child.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{complaint}");
}
