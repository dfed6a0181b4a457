//! Who may do what: roles, token scopes and the permission of every operation of the API, as data in one place.
//! Ownership is looked at by the service that knows the owner; what somebody may not see is not found.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::error::{Error, Result};

/// What somebody is in this installation. Each may do what the one before may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Looks at what is shared.
    Viewer,
    /// Connects repositories and gives tasks.
    Member,
    /// Sees and steers the work of everybody.
    Maintainer,
    /// Looks after people and the installation.
    Admin,
}

impl Role {
    /// All of them, least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Member, Self::Maintainer, Self::Admin];

    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Maintainer => "maintainer",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let role = Self::ALL.into_iter().find(|role| role.as_str() == text);
        role.ok_or_else(|| Error::Invalid(format!("`{text}` is no role")))
    }
}

/// What a token was made for. Each includes the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Reading.
    Read,
    /// Work: repositories, tasks, runs.
    Write,
    /// Everything its owner may do, people and tokens included.
    Admin,
}

impl Scope {
    /// All of them, least first.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let scope = Self::ALL.into_iter().find(|scope| scope.as_str() == text);
        scope.ok_or_else(|| Error::Invalid(format!("`{text}` is no scope")))
    }
}

/// What an operation needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// To be signed in, and one's own account.
    Own,
    /// To look after one's own account: password, sessions, tokens.
    ManageOwn,
    /// To read the work one may see.
    Read,
    /// To begin work, and to change one's own.
    Work,
    /// To read who did what.
    Audit,
    /// To look after people.
    People,
    /// To look after the installation.
    Operate,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Own,
        Self::ManageOwn,
        Self::Read,
        Self::Work,
        Self::Audit,
        Self::People,
        Self::Operate,
    ];

    /// The least role that has it.
    #[must_use]
    pub fn role(self) -> Role {
        match self {
            Self::Own | Self::ManageOwn | Self::Read => Role::Viewer,
            Self::Work => Role::Member,
            Self::Audit => Role::Maintainer,
            Self::People | Self::Operate => Role::Admin,
        }
    }

    /// The least scope a token must have for it.
    #[must_use]
    pub fn scope(self) -> Scope {
        match self {
            Self::Own | Self::Read => Scope::Read,
            Self::Work => Scope::Write,
            Self::ManageOwn | Self::Audit | Self::People | Self::Operate => Scope::Admin,
        }
    }

    /// Its name in the document.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::ManageOwn => "manage_own",
            Self::Read => "read",
            Self::Work => "work",
            Self::Audit => "audit",
            Self::People => "people",
            Self::Operate => "operate",
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub user: Uuid,
    /// Their address, for the audit.
    pub email: String,
    /// What they are.
    pub role: Role,
    /// What the token they came with may do; a session may do all that its person may.
    pub scope: Option<Scope>,
    /// The session they came with; a token has none.
    pub session: Option<Uuid>,
}

impl Caller {
    /// Whether they may do what needs this.
    pub fn may(&self, permission: Permission) -> Result<()> {
        if self.role < permission.role() {
            return Err(Error::Forbidden(format!(
                "this needs the role {} (`{}`); yours is {}",
                permission.role(),
                permission.as_str(),
                self.role
            )));
        }
        match self.scope {
            Some(scope) if scope < permission.scope() => Err(Error::Forbidden(format!(
                "this needs a token with the scope `{}`; this one has `{}`",
                permission.scope().as_str(),
                scope.as_str()
            ))),
            _ => Ok(()),
        }
    }

    /// Whether they see and steer the work of everybody.
    #[must_use]
    pub fn oversees(&self) -> bool {
        self.role >= Role::Maintainer
    }
}

/// The permission of every operation of the API by its id. One that is not here is open to everybody, or does not
/// exist; a test walks the document and compares.
pub const OPERATIONS: &[(&str, Permission)] = &[
    // auth
    ("getMe", Permission::Own),
    ("updateMe", Permission::ManageOwn),
    ("changePassword", Permission::ManageOwn),
    ("listSessions", Permission::ManageOwn),
    ("revokeSession", Permission::ManageOwn),
    ("revokeOtherSessions", Permission::ManageOwn),
    // people
    ("listUsers", Permission::Read),
    ("getUser", Permission::Read),
    ("updateUser", Permission::People),
    ("listInvitations", Permission::People),
    ("createInvitation", Permission::People),
    ("revokeInvitation", Permission::People),
    // tokens
    ("listTokens", Permission::ManageOwn),
    ("createToken", Permission::ManageOwn),
    ("revokeToken", Permission::ManageOwn),
    // audit
    ("listAuditEntries", Permission::Audit),
    ("exportAuditEntries", Permission::Audit),
    ("verifyAudit", Permission::Audit),
    // repositories
    ("createRepository", Permission::Work),
    ("createSampleRepository", Permission::Work),
    ("listRepositories", Permission::Read),
    ("getRepository", Permission::Read),
    ("updateRepository", Permission::Work),
    ("deleteRepository", Permission::Work),
    ("syncRepository", Permission::Work),
    ("getProfile", Permission::Read),
    ("setProfile", Permission::Work),
    ("searchFiles", Permission::Read),
    ("listRepositorySecrets", Permission::Work),
    ("setRepositorySecret", Permission::Work),
    ("deleteRepositorySecret", Permission::Work),
    ("listBranches", Permission::Read),
    ("listFolder", Permission::Read),
    ("readFile", Permission::Read),
    ("getRepositoryMap", Permission::Read),
    // tasks
    ("createTask", Permission::Work),
    ("listTasks", Permission::Read),
    ("getTask", Permission::Read),
    ("updateTask", Permission::Work),
    ("deleteTask", Permission::Work),
    ("changeTasks", Permission::Work),
    ("listTaskRuns", Permission::Read),
    ("startRun", Permission::Work),
    // runs
    ("listRuns", Permission::Read),
    ("getRun", Permission::Read),
    ("listApprovals", Permission::Read),
    ("listSteps", Permission::Read),
    ("listRunEvents", Permission::Read),
    ("exportRun", Permission::Read),
    ("listAgentRuns", Permission::Read),
    ("getAgentRun", Permission::Read),
    ("getTranscript", Permission::Read),
    ("listModelCalls", Permission::Read),
    ("listToolCalls", Permission::Read),
    ("listPlans", Permission::Read),
    ("getDiff", Permission::Read),
    ("getFileDiff", Permission::Read),
    ("getChecks", Permission::Read),
    ("listArtifacts", Permission::Read),
    ("getArtifact", Permission::Read),
    ("stream", Permission::Read),
    ("cancelRun", Permission::Work),
    ("pauseRun", Permission::Work),
    ("resumeRun", Permission::Work),
    ("retryRun", Permission::Work),
    ("forkRun", Permission::Work),
    ("sendMessage", Permission::Work),
    ("answerRun", Permission::Work),
    ("raiseBudget", Permission::Work),
    ("decidePlan", Permission::Work),
    ("decideDelivery", Permission::Work),
    ("sendReview", Permission::Work),
    ("listReviews", Permission::Read),
    // pull requests
    ("openPullRequest", Permission::Work),
    ("listPullRequests", Permission::Read),
    ("getPullRequest", Permission::Read),
    ("syncPullRequest", Permission::Work),
    // notifications
    ("listNotifications", Permission::Own),
    ("readNotifications", Permission::Own),
    ("getNotificationPreferences", Permission::Own),
    ("setNotificationPreferences", Permission::Own),
    // saved views
    ("listViews", Permission::Own),
    ("createView", Permission::Own),
    ("updateView", Permission::Own),
    ("deleteView", Permission::Own),
    // webhooks
    ("createWebhook", Permission::Work),
    ("listWebhooks", Permission::Work),
    ("getWebhook", Permission::Work),
    ("updateWebhook", Permission::Work),
    ("deleteWebhook", Permission::Work),
    ("listWebhookDeliveries", Permission::Work),
    ("redeliverWebhook", Permission::Work),
    // ops
    ("getOperations", Permission::Operate),
    ("listDeadJobs", Permission::Operate),
    ("retryDeadJobs", Permission::Operate),
    // figures
    ("getMetricsSummary", Permission::Read),
    ("getMetricsSeries", Permission::Read),
    ("getMetricsBreakdown", Permission::Read),
    ("listModels", Permission::Read),
    ("getOverview", Permission::Read),
    ("search", Permission::Read),
];

/// What an operation needs; nothing for one that is open to everybody.
#[must_use]
pub fn permission_of(operation: &str) -> Option<Permission> {
    let found = OPERATIONS.iter().find(|(id, _)| *id == operation);
    found.map(|(_, permission)| *permission)
}
