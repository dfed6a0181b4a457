//! Roles on the wire.

use poem_openapi::Enum;

use crate::services::access;

/// What somebody is in this installation. Each may do what the one before may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(in crate::api) enum Role {
    /// Looks at what is shared.
    Viewer,
    /// Connects repositories and gives tasks.
    Member,
    /// Sees and steers the work of everybody.
    Maintainer,
    /// Looks after people and the installation.
    Admin,
}

impl From<access::Role> for Role {
    fn from(role: access::Role) -> Self {
        match role {
            access::Role::Viewer => Self::Viewer,
            access::Role::Member => Self::Member,
            access::Role::Maintainer => Self::Maintainer,
            access::Role::Admin => Self::Admin,
        }
    }
}

impl From<Role> for access::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Viewer,
            Role::Member => Self::Member,
            Role::Maintainer => Self::Maintainer,
            Role::Admin => Self::Admin,
        }
    }
}
