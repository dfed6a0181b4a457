//! Mirrors, packs and pushes.

use std::fs;
use std::path::PathBuf;

use codegraph::providers::git::{Error, Published, Source, Store};
use sha2::{Digest, Sha256};

use super::repository::{Site, content, git};

#[tokio::test]
async fn a_mirror_follows_its_source_and_keeps_what_is_ours() {
    let site = Site::new();
    git(&site.source, &["tag", "v1"]);
    let mirror = site.mirror().await;
    assert_eq!(mirror.default_branch().await.unwrap(), "main");
    let first = mirror.resolve("main").await.unwrap();
    assert_eq!(mirror.resolve("v1").await.unwrap(), first);
    assert_eq!(mirror.resolve(&first[..10]).await.unwrap(), first);
    mirror.set_ref("refs/codegraph/r/1", &first).await.unwrap();
    git(&site.source, &["branch", "-m", "main", "trunk"]);
    site.write("more", "x");
    let second = site.commit("second");
    let mirror = site.mirror().await;
    assert_eq!(mirror.default_branch().await.unwrap(), "trunk");
    assert_eq!(mirror.resolve("trunk").await.unwrap(), second);
    assert_eq!(mirror.resolve("refs/codegraph/r/1").await.unwrap(), first);
    for revision in [
        "main",
        "",
        "--all",
        "-h",
        "trunk\n",
        "nothing",
        "v1:src",
        "HEAD^{tree}",
    ] {
        let found = mirror.resolve(revision).await;
        assert!(
            matches!(found, Err(Error::NotFound(_))),
            "{revision:?}: {found:?}"
        );
    }
    assert!(mirror.set_ref("refs/heads/trunk", &first).await.is_err());
    mirror.delete_ref("refs/codegraph/r/1").await.unwrap();
    mirror.delete_ref("refs/codegraph/r/1").await.unwrap();
    assert!(mirror.resolve("refs/codegraph/r/1").await.is_err());
}

#[tokio::test]
async fn runs_share_a_mirror_at_the_same_time() {
    let site = Site::new();
    let work = |n: usize| {
        let site = &site;
        async move {
            let workspace = site.workspace(&format!("w{n}")).await;
            for step in 0..3 {
                fs::write(workspace.path().join("own"), format!("{n} {step}")).unwrap();
                workspace
                    .snapshot(&format!("refs/codegraph/r{n}/{step}"))
                    .await
                    .unwrap();
            }
            let kept = site
                .mirror()
                .await
                .resolve(&format!("refs/codegraph/r{n}/1"))
                .await
                .unwrap();
            workspace.restore(&kept).await.unwrap();
            assert_eq!(
                fs::read_to_string(workspace.path().join("own")).unwrap(),
                format!("{n} 1")
            );
        }
    };
    futures::future::join_all((0..4).map(work)).await;
    let entries = fs::read_dir(site.path("mirrors")).unwrap().flatten();
    assert_eq!(entries.filter(|entry| entry.path().is_dir()).count(), 1);
}

#[tokio::test]
async fn what_a_crash_left_half_made_is_made_anew() {
    let site = Site::new();
    let path = site.mirror().await.path().to_owned();
    // As if the clone, then the checkout, had been cut off.
    let half = PathBuf::from(format!("{}.new", path.display()));
    fs::rename(&path, &half).unwrap();
    fs::write(half.join("HEAD"), "torn").unwrap();
    let mirror = site.mirror().await;
    let commit = mirror.resolve("main").await.unwrap();
    let (into, half) = (site.path("w"), site.path("w.new"));
    fs::create_dir_all(half.join(".git")).unwrap();
    fs::write(half.join("torn"), "x").unwrap();
    let workspace = mirror.checkout(&commit, "work", &into).await.unwrap();
    assert!(!half.exists());
    let made = content(workspace.path());
    assert_eq!(made, content(&site.source));
    // Once it is whole it is left alone.
    fs::write(into.join("mine"), "x").unwrap();
    let workspace = mirror.checkout(&commit, "work", &into).await.unwrap();
    assert!(workspace.path().join("mine").exists());
}

#[tokio::test]
async fn another_machine_rebuilds_from_packs() {
    let site = Site::new();
    let workspace = site.workspace("w").await;
    let mirror = site.mirror().await;
    let base = mirror.resolve("main").await.unwrap();
    // What cannot be made smaller, so that its absence from a pack is seen.
    let hashes = (0..100_u32).map(|n| format!("{:x}", Sha256::digest(n.to_le_bytes())));
    fs::write(workspace.path().join("made"), hashes.collect::<String>()).unwrap();
    let first = workspace.snapshot("refs/codegraph/r/1").await.unwrap();
    fs::write(workspace.path().join("src/a.txt"), "changed").unwrap();
    let second = workspace.snapshot("refs/codegraph/r/2").await.unwrap();
    let known = |ids: &[&String]| ids.iter().map(|id| (*id).clone()).collect::<Vec<_>>();
    let packs = [
        (base.clone(), mirror.pack(&base, &[]).await.unwrap()),
        (
            first.commit.clone(),
            mirror.pack(&first.commit, &known(&[&base])).await.unwrap(),
        ),
        (
            second.commit.clone(),
            mirror
                .pack(&second.commit, &known(&[&base, &first.commit]))
                .await
                .unwrap(),
        ),
    ];
    let whole = mirror.pack(&second.commit, &[]).await.unwrap();
    assert!(
        packs[2].1.len() < whole.len() / 2,
        "{} {}",
        packs[2].1.len(),
        whole.len()
    );

    let other = Store::new(site.path("elsewhere"));
    let rebuilt = other.empty("app").await.unwrap();
    // Out of order, something is missing, and it says so.
    assert!(
        rebuilt
            .unpack(&packs[2].1, "refs/codegraph/r/2", &packs[2].0)
            .await
            .is_err()
    );
    for (number, (commit, pack)) in packs.iter().enumerate() {
        rebuilt
            .unpack(pack, &format!("refs/codegraph/r/{number}"), commit)
            .await
            .unwrap();
    }
    assert!(
        rebuilt
            .unpack(b"PACKgarbage", "refs/codegraph/r/9", &base)
            .await
            .is_err()
    );
    let again = rebuilt
        .checkout(&base, "work", &site.path("w2"))
        .await
        .unwrap();
    again.restore(&second.tree).await.unwrap();
    assert_eq!(content(again.path()), content(workspace.path()));
    let same = again.snapshot("refs/codegraph/r/3").await.unwrap();
    assert_eq!((same.tree, same.commit), (second.tree, second.commit));
}

#[tokio::test]
async fn publishing_twice_is_once_and_strangers_are_left_alone() {
    let site = Site::new();
    let mirror = site.mirror().await;
    let base = mirror.resolve("main").await.unwrap();
    let workspace = site.workspace("w").await;
    fs::write(workspace.path().join("made"), "x").unwrap();
    let work = workspace
        .snapshot("refs/codegraph/r/1")
        .await
        .unwrap()
        .commit;
    let remote = site.from();
    let publish =
        async |commit: &str, branch: &str| mirror.publish(commit, branch, &remote).await.unwrap();
    assert_eq!(publish(&work, "codegraph/fix").await, Published::New);
    assert_eq!(publish(&work, "codegraph/fix").await, Published::Already);
    assert_eq!(
        git(&site.source, &["rev-parse", "codegraph/fix"]).trim(),
        work
    );
    // A branch of somebody else, and one that ends like ours.
    assert_eq!(publish(&work, "main").await, Published::Taken(base.clone()));
    assert_eq!(publish(&work, "fix").await, Published::New);
    // Ours goes on; once somebody has moved it, it is theirs.
    fs::write(workspace.path().join("made"), "y").unwrap();
    let more = workspace
        .snapshot("refs/codegraph/r/2")
        .await
        .unwrap()
        .commit;
    assert_eq!(publish(&more, "codegraph/fix").await, Published::New);
    git(
        &site.source,
        &["update-ref", "refs/heads/codegraph/fix", &base],
    );
    assert_eq!(
        publish(&more, "codegraph/fix").await,
        Published::Taken(base)
    );
    for branch in ["-x", "a:refs/heads/main", "+a", "refs/heads/main", ""] {
        let refused = mirror.publish(&work, branch, &remote).await;
        assert!(refused.is_err() || branch == "+a", "{branch}: {refused:?}");
    }
}

#[tokio::test]
async fn only_sources_that_are_one_are_reached() {
    let site = Site::new();
    for url in [
        "ext::sh -c 'touch canary'",
        "file:///etc",
        "--upload-pack=touch canary",
        "/etc",
    ] {
        let refused = site.store.mirror(&Source::Url(url.into())).await;
        assert!(
            matches!(refused, Err(Error::Refused { .. })),
            "{url}: {refused:?}"
        );
    }
    assert!(
        site.store
            .mirror(&Source::Path(site.path("nowhere")))
            .await
            .is_err()
    );
}
