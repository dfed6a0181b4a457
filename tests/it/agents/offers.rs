//! Runs that deliver a pull request, on a GitHub of this machine with the faults of a real one.

use std::time::Duration;

use codegraph::providers::reach::PrivateHosts;
use serde_json::{Value, json};
use workflows::{
    RunId,
    definitions::coding::{DELIVERY_DECIDED, Deliver, Options, Origin},
};

use super::{
    bed::{Bed, alone, plant},
    words::{approve, calls, conversation, edit, finish, plan, read, scenario, text, verdict},
};
use crate::support::{Fault, GitHub, TOKEN};

/// A bed whose repository is on a GitHub.
pub(super) struct Hosted {
    pub(super) github: GitHub,
    pub(super) bed: Bed,
}

impl Hosted {
    async fn new(conversations: &[Value], token: bool) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let repository = folder.path().join("repository");
        plant("python-inventory", &repository);
        let github = GitHub::hosting(&repository).await;
        let mut settings = github.settings();
        settings.push((
            "CODEGRAPH_PUBLIC_URL",
            "https://codegraph.example.org".to_owned(),
        ));
        if token {
            settings.push(("CODEGRAPH_GITHUB_TOKEN", TOKEN.to_owned()));
        }
        let private = PrivateHosts::new(["127.0.0.1".to_owned()]);
        let scenario = scenario(conversations);
        let bed = Bed::hosted("python-inventory", &scenario, &settings, private).await?;
        Some(Self { github, bed })
    }

    async fn start(&self, options: Options) -> RunId {
        let mut assignment = self.bed.assignment(options);
        assignment.repository = Origin::Url(self.github.url());
        assignment.base = Some("main".to_owned());
        self.bed.begin(&assignment).await
    }

    async fn why_failed(&self, run: RunId) -> String {
        let failure = self.bed.db.failed(run).await;
        failure["reason"].as_str().unwrap().to_owned()
    }
}

fn offered() -> Options {
    Options {
        deliver: Deliver::PullRequest,
        ..alone()
    }
}

fn usual() -> [Value; 3] {
    [
        conversation("planner", &[plan()]),
        conversation("coder", &[read(), edit(), finish()]),
        conversation("reviewer", &[approve()]),
    ]
}

#[tokio::test]
async fn a_run_offers_its_branch_and_says_what_was_recorded() {
    let Some(hosted) = Hosted::new(&usual(), true).await else {
        return;
    };
    let run = hosted.start(offered()).await;
    let end = hosted.bed.db.succeeded(run).await;
    let pulls = hosted.github.pulls();
    assert_eq!(pulls.len(), 1, "{pulls:?}");
    let pull = &pulls[0];
    assert_eq!(pull["title"], "Refuse what is promised already");
    assert_eq!(pull["draft"], false);
    assert_eq!(pull["base"]["ref"], "main");
    let evidence = &end["evidence"];
    assert_eq!(pull["head"]["ref"], evidence["branch"]);
    assert_eq!(
        pull["head"]["sha"], evidence["commit"],
        "the branch is there before it is offered"
    );
    assert_eq!(evidence["pull_request"]["number"], 1);
    assert_eq!(evidence["pull_request"]["state"], "open");
    let body = pull["body"].as_str().unwrap();
    for part in [
        "It compares with what is available.",
        "- [x] Compare with what is available (met)",
        "nothing newly fails",
        "test_nothing_is_promised_twice",
        "## Review",
        "$0.0",
        &format!("<!-- codegraph-run: {run} -->"),
    ] {
        assert!(body.contains(part), "{part}\n{body}");
    }
    assert!(
        hosted.github.state().shown_to_git > 0,
        "git was let in by the token"
    );
    hosted.bed.finish().await;
}

/// What the review says is the last word.
fn last_round() -> Options {
    Options {
        review_rounds: 1,
        ..offered()
    }
}

#[tokio::test]
async fn without_an_approval_it_is_a_draft_that_wants_a_person() {
    let doubt = text(&verdict("request_changes", &[]));
    let words = [
        conversation("planner", &[plan()]),
        conversation("coder", &[read(), edit(), finish()]),
        conversation("reviewer", &[doubt]),
    ];
    let Some(hosted) = Hosted::new(&words, true).await else {
        return;
    };
    let run = hosted.start(last_round()).await;
    hosted.bed.db.succeeded(run).await;
    let pulls = hosted.github.pulls();
    assert_eq!(pulls[0]["draft"], true);
    assert_eq!(
        pulls[0]["title"],
        "[needs human] Refuse what is promised already"
    );
    assert!(
        pulls[0]["body"]
            .as_str()
            .unwrap()
            .contains("**Needs human**")
    );
    hosted.bed.finish().await;
}

/// What a run comes to after these faults; asks GitHub how many pull requests there are.
async fn after(faults: Vec<Fault>) -> Option<(Value, Vec<Value>, Vec<String>)> {
    let hosted = Hosted::new(&usual(), true).await?;
    hosted.github.fails(faults);
    let run = hosted.start(offered()).await;
    let end = hosted.bed.db.succeeded(run).await;
    let (pulls, asked) = (hosted.github.pulls(), hosted.github.state().asked.clone());
    hosted.bed.finish().await;
    Some((end, pulls, asked))
}

#[tokio::test]
async fn a_reply_that_was_lost_is_no_second_pull_request() {
    let Some((end, pulls, asked)) = after(vec![Fault::ReplyLost]).await else {
        return;
    };
    assert_eq!(pulls.len(), 1, "{pulls:?}");
    assert_eq!(end["evidence"]["pull_request"]["number"], 1);
    let posts = asked
        .iter()
        .filter(|asked| asked.starts_with("POST"))
        .count();
    assert_eq!(
        posts, 1,
        "it was looked for before it was opened again: {asked:?}"
    );
}

#[tokio::test]
async fn a_limit_a_fault_and_a_slow_answer_are_waited_out() {
    let limited = Fault::Answer(
        403,
        vec![("retry-after", "1".to_owned())],
        json!({"message": "You have exceeded a secondary rate limit."}),
    );
    let broken = Fault::Answer(502, vec![], json!({"message": "Server Error"}));
    let slow = Fault::Delay(Duration::from_millis(300));
    let Some((_, pulls, asked)) = after(vec![limited, broken, slow]).await else {
        return;
    };
    assert_eq!(pulls.len(), 1);
    let posts = asked
        .iter()
        .filter(|asked| asked.starts_with("POST"))
        .count();
    assert_eq!(posts, 3, "{asked:?}");
}

#[tokio::test]
async fn drafts_are_not_everywhere() {
    let refused = Fault::Answer(
        422,
        vec![],
        json!({"message": "Draft pull requests are not supported in this repository."}),
    );
    let doubt = text(&verdict("request_changes", &[]));
    let words = [
        conversation("planner", &[plan()]),
        conversation("coder", &[read(), edit(), finish()]),
        conversation("reviewer", &[doubt]),
    ];
    let Some(hosted) = Hosted::new(&words, true).await else {
        return;
    };
    hosted.github.fails([refused]);
    let run = hosted.start(last_round()).await;
    hosted.bed.db.succeeded(run).await;
    let pull = &hosted.github.pulls()[0];
    assert_eq!(pull["draft"], false);
    assert!(pull["title"].as_str().unwrap().starts_with("[needs human]"));
    hosted.bed.finish().await;
}

#[tokio::test]
async fn a_right_that_is_missing_is_said_once() {
    let Some(hosted) = Hosted::new(&usual(), true).await else {
        return;
    };
    let refused = json!({"message": "Resource not accessible by personal access token"});
    hosted.github.fails([Fault::Answer(403, vec![], refused)]);
    let run = hosted.start(offered()).await;
    let why = hosted.why_failed(run).await;
    assert!(
        why.contains("may not do this on GitHub: Resource not accessible"),
        "{why}"
    );
    assert!(why.contains("is pushed, but not offered"), "{why}");
    // When that is mended, the run is taken up where it stopped.
    codegraph::services::steering::retry(&hosted.bed.db.pool, run, None)
        .await
        .unwrap();
    hosted.bed.db.succeeded(run).await;
    assert_eq!(hosted.github.pulls().len(), 1);
    hosted.bed.finish().await;
}

#[tokio::test]
async fn without_a_token_nothing_is_let_in() {
    let words = [conversation("planner", &[plan()])];
    let Some(hosted) = Hosted::new(&words, false).await else {
        return;
    };
    let run = hosted.start(offered()).await;
    let why = hosted.why_failed(run).await;
    assert!(why.contains("git could not fetch"), "{why}");
    assert_eq!(hosted.github.pulls().len(), 0);
    hosted.bed.forget().await;
}

#[tokio::test]
async fn what_runs_by_itself_is_not_pushed_before_a_person_has_decided() {
    let workflow = calls(&[(
        "write_file",
        json!({"path": ".github/workflows/ci.yml", "content": "on: push\n"}),
    )]);
    let words = [
        conversation("planner", &[plan()]),
        conversation("coder", &[read(), edit(), workflow, finish()]),
        conversation("reviewer", &[approve()]),
    ];
    let Some(hosted) = Hosted::new(&words, true).await else {
        return;
    };
    let run = hosted.start(offered()).await;
    hosted.bed.waits(run, DELIVERY_DECIDED).await;
    assert_eq!(hosted.github.branches(), ["main"], "nothing is pushed");
    assert_eq!(hosted.github.pulls().len(), 0);
    let steps = hosted.bed.db.steps(run).await;
    let review = steps.last().unwrap();
    assert_eq!(
        review.output["guarded"],
        json!([".github/workflows/ci.yml"])
    );
    let approve = json!({"decision": "approve"});
    hosted.bed.signal(run, DELIVERY_DECIDED, approve).await;
    hosted.bed.db.succeeded(run).await;
    assert_eq!(hosted.github.branches().len(), 2);
    assert_eq!(hosted.github.pulls().len(), 1);
    hosted.bed.finish().await;
}
