//! The profile of a repository, and searching in it.

use codegraph::services::access::Role;
use poem::http::Method;
use serde_json::json;

use super::stage::Stage;
use crate::agents::plant;

#[tokio::test]
async fn a_profile_is_found_out_set_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let home = std::fs::canonicalize(folder.path()).unwrap();
    let stage = Stage::with(&[("CODEGRAPH_HOME", home.to_str().unwrap())]).await;
    let ada = stage.person(Role::Member).await;
    let made = stage.post("/api/v1/repositories/sample", json!({}));
    let made = made.bearer(&ada.access).send().await.expect(201);
    let path = format!("/api/v1/repositories/{}", made["id"].as_str().unwrap());
    let profile = format!("{path}/profile");
    let get = || stage.get(&profile).bearer(&ada.access).send();
    let put = |body| {
        let call = stage.call(Method::PUT, &profile);
        call.json(body).bearer(&ada.access).send()
    };

    let found = get().await.expect(200);
    let suite = &found["discovered"]["suites"][0];
    assert_eq!(suite["framework"], "unittest", "{found}");
    assert!(suite["command"].as_str().unwrap().contains("unittest"));
    assert_eq!(found["discovered"]["languages"][0]["name"], "Python");
    assert!(found.get("test_command").is_none());
    // What was laid out is gone.
    assert_eq!(std::fs::read_dir(home.join("looks")).unwrap().count(), 0);

    let said = json!({"instructions": "Names in full.", "test_command": "make test", "setup_command": " "});
    let set = put(said).await.expect(200);
    assert_eq!(set["test_command"], "make test");
    assert!(
        set.get("setup_command").is_none(),
        "nothing but blanks is nothing"
    );
    // The instructions alone can be changed as well; the command stays.
    let patch = stage
        .call(Method::PATCH, &path)
        .json(json!({"instructions": null}));
    let row = patch.bearer(&ada.access).send().await.expect(200);
    assert!(row["profile"].get("instructions").is_none(), "{row}");
    assert_eq!(get().await.expect(200)["test_command"], "make test");
    let bare = put(json!({})).await.expect(200);
    assert!(bare.get("test_command").is_none(), "{bare}");

    put(json!({"test_command": "x".repeat(2001)}))
        .await
        .expect(400);
    put(json!({"lint_command": "x"})).await.expect(400);
    let other = stage.person(Role::Member).await;
    stage
        .get(&profile)
        .bearer(&other.access)
        .send()
        .await
        .expect(404);
    stage.finish().await;
}

#[tokio::test]
async fn files_are_searched_for_words_as_they_stand() {
    let folder = tempfile::tempdir().unwrap();
    let home = std::fs::canonicalize(folder.path()).unwrap();
    let stage = Stage::with(&[("CODEGRAPH_HOME", home.to_str().unwrap())]).await;
    let ada = stage.person(Role::Member).await;
    let made = stage.post("/api/v1/repositories/sample", json!({}));
    let made = made.bearer(&ada.access).send().await.expect(201);
    let id = made["id"].as_str().unwrap().to_owned();
    let search = |query: &str| {
        let path = format!("/api/v1/repositories/{id}/search?{query}");
        stage.get(&path).bearer(&ada.access).send()
    };

    let all = search("q=outofstock").await.expect(200);
    let all = all["items"].as_array().unwrap();
    assert!(all.len() > 2, "{all:?}");
    for hit in all {
        let text = hit["text"].as_str().unwrap().to_lowercase();
        assert!(text.contains("outofstock") && hit["line"].as_u64() > Some(0));
    }
    let below = search("q=outofstock&path=tests&limit=1").await.expect(200);
    let below = below["items"].as_array().unwrap();
    assert_eq!(below.len(), 1);
    assert!(below[0]["path"].as_str().unwrap().starts_with("tests/"));
    // Nothing is a pattern or an option.
    for query in ["q=.*", "q=--open-files-in-pager%3Dtouch%20x", "q=zzzz"] {
        assert_eq!(
            search(query).await.expect(200)["items"],
            json!([]),
            "{query}"
        );
    }
    search("q=a%0Ab").await.expect(422);
    search("q=a&path=../x").await.expect(422);
    search("q=a&ref=nowhere").await.expect(404);
    search("q=a&ref=--help").await.expect(404);
    stage.finish().await;
}

#[tokio::test]
async fn a_map_shows_what_files_define_those_first_that_others_speak_of() {
    let folder = tempfile::tempdir().unwrap();
    let home = std::fs::canonicalize(folder.path()).unwrap();
    let stage = Stage::with(&[("CODEGRAPH_HOME", home.to_str().unwrap())]).await;
    let ada = stage.person(Role::Member).await;
    let made = stage.post("/api/v1/repositories/sample", json!({}));
    let made = made.bearer(&ada.access).send().await.expect(201);
    let id = made["id"].as_str().unwrap().to_owned();
    let map = |query: &str| {
        let path = format!("/api/v1/repositories/{id}/map?{query}");
        stage.get(&path).bearer(&ada.access).send()
    };
    let whole = map("").await.expect(200);
    assert_eq!(whole["truncated"], false);
    assert_eq!(whole["commit"].as_str().unwrap().len(), 40);
    let files = whole["items"].as_array().unwrap().clone();
    let path = |at: usize| files[at]["path"].as_str().unwrap();
    assert!(files.len() > 1, "{whole}");
    assert!(
        !path(0).starts_with("tests/"),
        "nobody speaks of tests: {whole}"
    );
    let symbols = files
        .iter()
        .flat_map(|file| file["symbols"].as_array().unwrap());
    let reserve = symbols
        .clone()
        .find(|symbol| symbol["name"] == "reserve")
        .expect("what the sample is about");
    assert_eq!(reserve["kind"], "function");
    assert!(reserve["line"].as_u64() > Some(1));
    // It is kept by its commit, and read in parts.
    let first = map("limit=1").await.expect(200);
    assert_eq!(first["items"][0], files[0]);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = map(&format!("cursor={cursor}")).await.expect(200);
    assert_eq!(rest["items"].as_array().unwrap()[..], files[1..]);
    let below = map("path=tests").await.expect(200);
    for file in below["items"].as_array().unwrap() {
        assert!(file["path"].as_str().unwrap().starts_with("tests/"));
    }
    assert_eq!(map("path=test").await.expect(200)["items"], json!([]));
    map("ref=nowhere").await.expect(404);
    map("cursor=c6162").await.expect(422);
    let other = stage.person(Role::Member).await;
    let theirs = stage.get(&format!("/api/v1/repositories/{id}/map"));
    theirs.bearer(&other.access).send().await.expect(404);
    stage.finish().await;
}

#[tokio::test]
async fn folders_of_the_server_are_connected_where_the_operator_allows_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(folder.path()).unwrap();
    let open = root.join("open");
    std::fs::create_dir_all(&open).unwrap();
    plant("python-inventory", &open.join("inventory"));
    plant("python-inventory", &root.join("closed"));
    std::os::unix::fs::symlink(root.join("closed"), open.join("way")).unwrap();
    let stage = Stage::with(&[
        ("CODEGRAPH_HOME", root.join("home").to_str().unwrap()),
        ("CODEGRAPH_LOCAL_REPOSITORIES", open.to_str().unwrap()),
    ])
    .await;
    let ada = stage.person(Role::Member).await;
    let connect = |path: std::path::PathBuf| {
        let body = json!({"url": path.to_str().unwrap()});
        stage
            .post("/api/v1/repositories", body)
            .bearer(&ada.access)
            .send()
    };
    let made = connect(open.join("inventory")).await.expect(201);
    assert_eq!(made["forge"], "local");
    for path in [
        root.join("closed"),
        open.join("way"),
        open.join("../closed"),
        open.join("none"),
    ] {
        connect(path).await.expect(422);
    }
    stage.finish().await;
}
