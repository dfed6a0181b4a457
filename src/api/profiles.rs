//! The profile of a repository, and searching in it.

use poem::web::Data;
use poem_openapi::{
    Object, OpenApi,
    param::{Header, Path, Query},
    payload::Json,
};
use uuid::Uuid;

use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    role_limits::Limits,
    wire::{Id, Limit, Tagged, Text, kind, seen},
};
use crate::services::{
    access::Caller,
    profiles::{Discovered, Language, Match, Profile, Suite},
    registries::Named,
};

#[derive(Default)]
pub(super) struct ProfilesApi;

/// What a repository's people want said and run in every task on it.
#[derive(Object)]
#[oai(deny_unknown_fields, rename = "ProfileUpdate")]
struct NewProfile {
    /// What agents are told: conventions, what to leave alone.
    #[oai(validator(max_length = 20000))]
    instructions: Option<Text>,
    /// What must run before the tests, as a shell reads it, at the top of the repository or in the folder of the tests.
    #[oai(validator(max_length = 2000))]
    setup_command: Option<Text>,
    /// What runs the tests, as a shell reads it, at the top of the repository. Found out from manifests and CI files
    /// when nothing is said.
    #[oai(validator(max_length = 2000))]
    test_command: Option<Text>,
    /// Hosts that commands may reach in tasks that have the network, such as package registries: `packages.example.com`,
    /// `*.example.com` for all below a name, each for ports 80 and 443 or with a port of its own (`packages.example.com:8081`).
    #[oai(validator(max_items = 50))]
    network_hosts: Option<Vec<Text>>,
    /// Minutes of work that a run may take, where a task does not say (60).
    #[oai(validator(minimum(value = "1"), maximum(value = "10080")))]
    minutes: Option<u32>,
    /// What the conversations of roles may use, where a task does not say.
    limits: Option<Limits>,
}

/// The profile of a repository: what people set, and what is found in it.
#[derive(Object)]
#[oai(rename = "ProfileDetail", skip_serializing_if_is_none)]
struct ProfileDetail {
    /// What agents are told.
    instructions: Option<String>,
    /// What must run before the tests.
    setup_command: Option<String>,
    /// What runs the tests, where people said so.
    test_command: Option<String>,
    /// Hosts that commands may reach in tasks that have the network.
    network_hosts: Vec<String>,
    /// Minutes of work that a run may take, where a task does not say.
    minutes: Option<u32>,
    /// What the conversations of roles may use, where a task does not say.
    limits: Option<Limits>,
    /// What is found in its default branch.
    discovered: Found,
}

/// What is found in a repository.
#[derive(Object)]
#[oai(rename = "DiscoveredProfile", skip_serializing_if_is_none)]
struct Found {
    /// The commit that was looked at: the default branch as it was fetched last.
    commit: String,
    /// What it is written in, the most bytes first.
    languages: Vec<LanguageShare>,
    /// How its tests are run when no command is set; absent when it is too large to be looked at here (runs do).
    suites: Option<Vec<FoundSuite>>,
    /// Files in its top folder in which it tells agents how one works in it.
    guidance: Vec<String>,
    /// Package registries that its lock files and settings name: proposals for `network_hosts`.
    registries: Vec<FoundRegistry>,
}

/// A package registry that a repository names.
#[derive(Object)]
struct FoundRegistry {
    /// Its host.
    host: String,
    /// The file that names it.
    because: String,
}

/// How much of a repository is written in a language.
#[derive(Object)]
struct LanguageShare {
    /// What it is called.
    name: String,
    /// Files.
    files: u64,
    /// Bytes.
    bytes: u64,
}

/// Tests that are run with one command.
#[derive(Object)]
struct FoundSuite {
    /// Whose output it is: `cargo_test`, `pytest`, `vitest`, …; `other` when only the exit code is read.
    framework: String,
    /// Where it is run; empty for the top folder.
    folder: String,
    /// The command.
    command: String,
    /// The file that says so.
    because: String,
}

/// A line in which the words were found.
#[derive(Object)]
#[oai(rename = "CodeMatch")]
struct CodeMatch {
    /// The file.
    path: String,
    /// The line's number, from 1.
    line: u64,
    /// The line; its first 400 characters.
    text: String,
}

/// Lines in which the words were found.
#[derive(Object)]
#[oai(rename = "CodeMatchList")]
struct CodeMatches {
    /// By path and line.
    items: Vec<CodeMatch>,
}

#[OpenApi(prefix_path = "/api/v1/repositories", tag = "Tag::Repositories")]
impl ProfilesApi {
    /// Get the profile of a repository
    ///
    /// What its people want said and run in every task, and what is found in its default branch. The `ETag` names the
    /// state of the repository as people left it, as that of `getRepository` does.
    #[oai(path = "/:id/profile", method = "get", operation_id = "getProfile")]
    async fn get(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The repository.
        id: Path<Id<kind::Repository>>,
    ) -> Result<Tagged<ProfileDetail>, Problem> {
        let caller = auth.may("getProfile")?;
        detail(&state, caller, id.0.0).await
    }

    /// Set the profile of a repository
    ///
    /// In the place of the one before: what is left out is taken back. It holds for runs that are started from then on.
    /// With `If-Match`, only if nobody has changed the repository since; else 412.
    #[oai(path = "/:id/profile", method = "put", operation_id = "setProfile")]
    async fn set(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The repository.
        id: Path<Id<kind::Repository>>,
        /// The `ETag` of the state that is to be changed.
        #[oai(name = "If-Match", validator(max_length = 100))]
        if_match: Header<Option<String>>,
        body: Json<NewProfile>,
    ) -> Result<Tagged<ProfileDetail>, Problem> {
        let caller = auth.may("setProfile")?;
        let hosts = body.0.network_hosts.unwrap_or_default();
        let profile = Profile {
            instructions: body.0.instructions.map(Into::into),
            setup_command: body.0.setup_command.map(Into::into),
            test_command: body.0.test_command.map(Into::into),
            network_hosts: hosts.into_iter().map(Into::into).collect(),
            minutes: body.0.minutes,
            limits: body.0.limits.unwrap_or_default().into(),
        };
        let seen = seen(if_match.0.as_deref())?;
        let repositories = &state.work.repositories;
        repositories
            .set_profile(caller, id.0.0, seen, profile)
            .await?;
        detail(&state, caller, id.0.0).await
    }

    /// Search the files of a repository
    ///
    /// For words as they stand, letters of either case.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the operation"
    )]
    #[oai(path = "/:id/search", method = "get", operation_id = "searchFiles")]
    async fn search(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The repository.
        id: Path<Id<kind::Repository>>,
        /// The words.
        #[oai(validator(min_length = 1, max_length = 200))]
        q: Query<String>,
        /// Only at or below this path.
        #[oai(validator(max_length = 1000))]
        path: Query<Option<String>>,
        /// A branch, a tag or a commit; the default branch when nothing is said.
        #[oai(name = "ref", validator(min_length = 1, max_length = 200))]
        at: Query<Option<String>>,
        /// How many lines at most.
        limit: Query<Option<Limit>>,
    ) -> Result<Json<CodeMatches>, Problem> {
        let caller = auth.may("searchFiles")?;
        let most = usize::try_from(Limit::of(limit.0)).unwrap_or_default();
        let path = path.0.unwrap_or_default();
        let repositories = &state.work.repositories;
        let found = repositories.grep(caller, id.0.0, at.0.as_deref(), &q.0, &path, most);
        Ok(Json(CodeMatches {
            items: found.await?.into_iter().map(CodeMatch::from).collect(),
        }))
    }
}

async fn detail(
    state: &ApiState,
    caller: &Caller,
    id: Uuid,
) -> Result<Tagged<ProfileDetail>, Problem> {
    let (row, found) = state.work.repositories.profile(caller, id).await?;
    let profile = Profile::of(&row.profile);
    Ok(Tagged::new(
        ProfileDetail::of(profile, found),
        row.updated_at,
    ))
}

impl ProfileDetail {
    fn of(profile: Profile, found: Discovered) -> Self {
        let suites = |all: Vec<Suite>| all.into_iter().map(FoundSuite::from).collect();
        let languages = found.languages.into_iter();
        Self {
            instructions: profile.instructions,
            setup_command: profile.setup_command,
            test_command: profile.test_command,
            network_hosts: profile.network_hosts,
            minutes: profile.minutes,
            limits: Limits::of(&profile.limits),
            discovered: Found {
                commit: found.commit,
                languages: languages.map(LanguageShare::from).collect(),
                suites: found.suites.map(suites),
                guidance: found.guidance,
                registries: found
                    .registries
                    .into_iter()
                    .map(FoundRegistry::from)
                    .collect(),
            },
        }
    }
}

impl From<Language> for LanguageShare {
    fn from(language: Language) -> Self {
        Self {
            name: language.name.to_owned(),
            files: language.files,
            bytes: language.bytes,
        }
    }
}

impl From<Suite> for FoundSuite {
    fn from(suite: Suite) -> Self {
        Self {
            framework: suite.framework.to_owned(),
            folder: suite.folder,
            command: suite.command,
            because: suite.because,
        }
    }
}

impl From<Named> for FoundRegistry {
    fn from(named: Named) -> Self {
        Self {
            host: named.host,
            because: named.because,
        }
    }
}

impl From<Match> for CodeMatch {
    fn from(found: Match) -> Self {
        Self {
            path: found.path,
            line: found.line,
            text: found.text,
        }
    }
}
