//! Invitations: a link that lets one person register.

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};

use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    wire::{Created, Cursor, Done, Id, Limit, Role, Text, kind},
};
use crate::services::people::{self, InvitationRow};

#[derive(Default)]
pub(super) struct InvitationsApi;

/// An invitation that is good.
#[derive(Object)]
struct Invitation {
    /// Its id.
    id: Id<kind::Invitation>,
    /// Who is invited.
    email: String,
    /// What they will be.
    role: Role,
    /// Since when.
    created_at: DateTime<Utc>,
    /// Until when.
    expires_at: DateTime<Utc>,
}

/// An invitation and its link, which is shown this once.
#[derive(Object)]
struct NewInvitation {
    /// The invitation.
    invitation: Invitation,
    /// What whoever is invited shows when they register.
    token: String,
    /// Where they do that: the page of this installation, or its path when the address is not configured.
    link: String,
}

/// Some of the invitations.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct InvitationPage {
    /// The invitations, newest first.
    items: Vec<Invitation>,
    /// With this the list goes on; not there when it is at its end.
    next_cursor: Option<String>,
}

/// Who is invited.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Inviting {
    /// Their address.
    #[oai(validator(min_length = 3, max_length = 254))]
    email: Text,
    /// What they will be.
    role: Role,
}

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::Users")]
impl InvitationsApi {
    /// List the invitations
    ///
    /// Those that are good, newest first.
    #[oai(
        path = "/invitations",
        method = "get",
        operation_id = "listInvitations"
    )]
    async fn list(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// How many at most.
        limit: Query<Option<Limit>>,
        /// Where the page before ended.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<InvitationPage>, Problem> {
        auth.may("listInvitations")?;
        let (before, most) = (Cursor::one(cursor.0)?, Limit::of(limit.0));
        let rows = people::invitations(&state.db, before, most).await?;
        let next = Cursor::behind(&rows, most, |row| row.id.to_string());
        let views = rows.into_iter().map(Invitation::new);
        Ok(Json(InvitationPage {
            items: views.collect::<Result<_, _>>()?,
            next_cursor: next,
        }))
    }

    /// Invite somebody
    ///
    /// The link is good for seven days, for one account with this address, and is shown this once. An earlier one for
    /// the same address is no longer good.
    #[oai(
        path = "/invitations",
        method = "post",
        operation_id = "createInvitation"
    )]
    async fn create(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        inviting: Json<Inviting>,
    ) -> Result<Created<NewInvitation>, Problem> {
        let caller = auth.may("createInvitation")?;
        let Json(Inviting { email, role }) = inviting;
        let (row, token) = people::invite(&state.db, caller, &email, role.into()).await?;
        let base = state.web.public_url.as_deref().unwrap_or_default();
        // Behind the `#`, so that no server on the way and no log gets to see it.
        let link = format!("{base}/register#invitation={token}");
        Ok(Created::Created(Json(NewInvitation {
            invitation: Invitation::new(row)?,
            token,
            link,
        })))
    }

    /// Take an invitation back
    ///
    /// Its link is no longer good.
    #[oai(
        path = "/invitations/:invitation_id",
        method = "delete",
        operation_id = "revokeInvitation"
    )]
    async fn revoke(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// Which.
        invitation_id: Path<Id<kind::Invitation>>,
    ) -> Result<Done, Problem> {
        let caller = auth.may("revokeInvitation")?;
        people::uninvite(&state.db, caller, invitation_id.0.0).await?;
        Ok(Done::Done)
    }
}

impl Invitation {
    fn new(row: InvitationRow) -> Result<Self, Problem> {
        let role: crate::services::access::Role = row.role.parse()?;
        Ok(Self {
            id: row.id.into(),
            email: row.email,
            role: role.into(),
            created_at: row.created_at,
            expires_at: row.expires_at,
        })
    }
}
