//! `codegraph run`, as a person at a terminal and as a program see it: lines, one JSON object each, a line that moves, and
//! what the exit code says.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};
use sqlx::ConnectOptions as _;
use tempfile::TempDir;

use super::{
    bed::{git, plant, wall},
    words::{
        about, approve, calls, conversation, edit, finish, good, plan, read, scenario, text,
        verdict,
    },
};
use crate::support::TestDb;

const TASK: &str = "Bolts are sold twice\nIt has to raise OutOfStock.";

/// Gives a program a terminal of a hundred columns, and passes on what it shows.
const TERMINAL: &str = r#"
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
while True:
    try:
        said = os.read(fd, 65536)
    except OSError:
        break
    if not said:
        break
    sys.stdout.buffer.write(said)
sys.stdout.buffer.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

/// A repository, a scenario and a database.
struct Place {
    db: TestDb,
    folder: TempDir,
}

impl Place {
    async fn new(conversations: &[Value]) -> Option<Self> {
        wall().await?;
        let folder = tempfile::tempdir().unwrap();
        plant("python-inventory", &folder.path().join("repository"));
        let script = scenario(conversations).to_string();
        fs::write(folder.path().join("scenario.yaml"), script).unwrap();
        let db = TestDb::new().await;
        Some(Self { db, folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, program: &[&str], arguments: &[&str]) -> Command {
        let mut command = Command::new(program[0]);
        command
            .args(&program[1..])
            .args(["run", TASK, "--repo"])
            .arg(self.path("repository"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("CODEGRAPH_HOME", self.path("home"))
            .env(
                "CODEGRAPH_DATABASE_URL",
                self.db.options.to_url_lossy().as_str(),
            )
            .env("CODEGRAPH_SCRIPT", self.path("scenario.yaml"))
            .env("CODEGRAPH_LOG", "error")
            .env_remove("DATABASE_URL")
            .env_remove("NO_COLOR")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let program = [env!("CARGO_BIN_EXE_codegraph")];
        self.command(&program, arguments).output().unwrap()
    }

    /// The same on a terminal of this kind.
    fn on_terminal(&self, term: &str, arguments: &[&str]) -> Output {
        let program = ["python3", "-c", TERMINAL, env!("CARGO_BIN_EXE_codegraph")];
        let mut command = self.command(&program, arguments);
        command.env("TERM", term).output().unwrap()
    }
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Everybody does what is asked for, one of them slowly.
fn slow() -> Vec<Value> {
    let mut edit = edit();
    edit["delay_ms"] = json!(600);
    vec![
        conversation("planner", &[plan()]),
        conversation("coder", &[read(), edit, finish()]),
        conversation("reviewer", &[approve()]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_lines_is_told_every_step_and_act_with_what_it_cost() {
    let Some(place) = Place::new(&good()).await else {
        return;
    };
    let output = place.run(&["--yes"]);
    let (out, err) = (out(&output), err(&output));
    assert_eq!(output.status.code(), Some(0), "{out}\n{err}");
    for line in [
        "run run_",
        "✓ plan: planned (",
        "  coder    · edit_file inventory/stock.py\n",
        " tokens, $0.0",
        "✓ test: green (",
        "✓ publish: published (",
        "fixed: tests.test_stock.Reserving.test_nothing_is_promised_twice",
        "Review: approve",
        "Cost: $0.0",
    ] {
        assert!(out.contains(line), "`{line}` is missing in\n{out}");
    }
    assert!(!out.contains(['\r', '\x1b']), "{out}");
    let branch = out.lines().find_map(|line| line.strip_prefix("Branch: "));
    let branch = branch.and_then(|branch| branch.split(' ').next()).unwrap();
    let changed = git(
        &place.path("repository"),
        &["show", &format!("{branch}:inventory/stock.py")],
    );
    assert!(changed.contains("if quantity > item.available:"));
    place.db.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_reads_one_object_a_line_and_the_end_last() {
    let Some(place) = Place::new(&good()).await else {
        return;
    };
    let output = place.run(&["--yes", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let lines: Vec<Value> = out(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}")))
        .collect();
    let of = |kind: &'static str| lines.iter().filter(move |line| line["type"] == kind);
    let steps: Vec<&str> = of("step")
        .filter_map(|line| line["what"].as_str())
        .collect();
    assert_eq!(steps.len(), 5, "{steps:?}");
    assert_eq!((of("call").count(), of("tool").count()), (5, 2));
    let cost: i64 = of("call")
        .filter_map(|line| line["cost_usd_micros"].as_i64())
        .sum();
    let end = lines.last().unwrap();
    assert_eq!(
        (&end["type"], &end["outcome"], &end["output"]["result"]),
        (&json!("end"), &json!("succeeded"), &json!("published"))
    );
    assert!(cost > 0 && end["cost_usd_micros"] == cost, "{cost}: {end}");
    place.db.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_a_line_says_what_is_at_work_now() {
    let Some(place) = Place::new(&slow()).await else {
        return;
    };
    let output = place.on_terminal("xterm", &["--yes"]);
    let shown = out(&output);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    let drawn: Vec<&str> = shown.split("\r\x1b[2K").collect();
    let at_work = drawn
        .iter()
        .find(|line| line.contains("code · coder claude-sonnet-5-5 ("));
    let at_work = at_work.unwrap_or_else(|| panic!("nobody is at work in {shown:?}"));
    assert!(at_work.contains(" tokens · $0.0"), "{at_work:?}");
    assert!(at_work.starts_with("\x1b[2m"), "it is beside the matter");
    // What is over stays, and begins a line of its own.
    assert!(
        drawn
            .iter()
            .flat_map(|drawn| drawn.split('\n'))
            .any(|line| line.starts_with("✓ code: done (")),
        "{shown:?}"
    );
    assert!(shown.contains("Branch: "), "{shown:?}");

    let dumb = place.on_terminal("dumb", &["--yes"]);
    let shown = out(&dumb);
    assert_eq!(dumb.status.code(), Some(0), "{shown}");
    assert!(
        !shown.contains('\x1b') && shown.contains("✓ code: done ("),
        "{shown:?}"
    );
    place.db.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_is_honest() {
    let wants = || conversation("reviewer", &[text(&verdict("request_changes", &[]))]);
    let again = about("# What the reviewer says", "coder", &[finish()]);
    let coder = conversation("coder", &[read(), edit(), finish()]);
    let planner = || conversation("planner", &[plan()]);
    let no = json!({"status": "infeasible", "summary": "There is no such shelf.", "pr_title": "-", "pr_body": "-"});
    let cases = [
        // A person has to look at the branch.
        (
            vec![planner(), again, coder, wants()],
            &["--yes"][..],
            3,
            "Branch: ",
        ),
        // Somebody would have to approve the plan.
        (vec![planner()], &[], 2, "1. Compare with what is available"),
        // Somebody would have to say how to go on.
        (
            vec![conversation("coder", &[calls(&[("finish", no)])])],
            &["--no-plan"],
            2,
            "There is no such shelf.",
        ),
        // The model has nothing to say to the coder.
        (vec![planner()], &["--yes"], 1, "The run failed: "),
        (
            vec![planner()],
            &["--yes", "--plan-only"],
            0,
            "The run ended: planned",
        ),
    ];
    for (words, arguments, code, told) in cases {
        let Some(place) = Place::new(&words).await else {
            return;
        };
        let output = place.run(arguments);
        let said = out(&output) + &err(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{said}");
        assert!(said.contains(told), "`{told}` is missing in\n{said}");
        let waits = said.contains("nobody is here to answer. It is kept: run_");
        assert_eq!(waits, code == 2, "{said}");
        place.db.forget().await;
    }
}
