//! Coming in and going out.

use poem::{Request, http::header::AUTHORIZATION, web::Data};
use poem_openapi::{
    Enum, Object, OpenApi,
    payload::{Json, Response},
};
use secrecy::SecretString;

use super::{
    ApiState, Problem, Tag,
    auth::{self, From, cookies},
    limits,
    me::Me,
    wire::{Created, Done, Text},
};
use crate::{
    config,
    services::{
        access::Caller,
        accounts::{NewAccount, SignedIn},
        sessions::{ACCESS_LIFE, Granted},
    },
};

#[derive(Default)]
pub(super) struct SignInApi;

/// Who may register.
#[derive(Enum)]
#[oai(rename_all = "snake_case")]
enum Registration {
    /// Nobody.
    Closed,
    /// Whoever was invited.
    Invite,
    /// Everybody.
    Open,
}

/// What a page must know before anybody has signed in.
#[derive(Object)]
struct Entrance {
    /// Nobody has an account yet: whoever has the setup code becomes the admin.
    needs_setup: bool,
    /// Who may register.
    registration: Registration,
}

/// How a login is carried from request to request.
#[derive(Clone, Copy, PartialEq, Eq, Default, Enum)]
#[oai(rename_all = "snake_case")]
enum Carrier {
    /// Tokens in the answer, for programs: shown as `Authorization: Bearer`.
    #[default]
    Token,
    /// Cookies, for pages; no token is in the answer.
    Cookie,
}

/// The first account.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Setup {
    /// The code the server prints when it starts.
    #[oai(validator(min_length = 1, max_length = 64))]
    code: Text,
    /// The admin's address.
    #[oai(validator(min_length = 3, max_length = 254))]
    email: Text,
    /// What they are called.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Text,
    /// 12 to 256 characters.
    #[oai(validator(min_length = 12, max_length = 256))]
    password: Text,
    /// How the login is carried.
    #[oai(default)]
    session: Carrier,
}

/// A new account.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Registering {
    /// Their address; with an invitation, the one that was invited.
    #[oai(validator(min_length = 3, max_length = 254))]
    email: Text,
    /// What they are called.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Text,
    /// 12 to 256 characters.
    #[oai(validator(min_length = 12, max_length = 256))]
    password: Text,
    /// The token from the link of an invitation.
    #[oai(validator(min_length = 1, max_length = 100))]
    invitation: Option<Text>,
    /// How the login is carried.
    #[oai(default)]
    session: Carrier,
}

/// Signing in.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Login {
    /// The address of the account.
    #[oai(validator(min_length = 1, max_length = 254))]
    email: Text,
    /// Its password.
    #[oai(validator(min_length = 1, max_length = 256))]
    password: Text,
    /// How the login is carried.
    #[oai(default)]
    session: Carrier,
}

/// A refresh token; nothing when it comes as a cookie.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Refreshing {
    /// The refresh token.
    #[oai(validator(min_length = 1, max_length = 100))]
    refresh_token: Option<Text>,
}

/// Somebody is signed in.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct SignedInView {
    /// Who.
    user: Me,
    /// How the login is carried.
    session: Carrier,
    /// In how many seconds the access token is over.
    expires_in: u32,
    /// The access token; not there when it is a cookie.
    access_token: Option<String>,
    /// The refresh token, good for seven days and one use; not there when it is a cookie. Another request has it when
    /// it was refreshed in the same moment.
    refresh_token: Option<String>,
    /// With cookies: what requests that change something send as `X-CSRF-Token`. The cookie `codegraph_csrf` has it too.
    csrf_token: Option<String>,
}

#[OpenApi(prefix_path = "/api/v1/auth", tag = "Tag::Auth")]
impl SignInApi {
    /// Tell what comes first
    ///
    /// Whether somebody must set CodeGraph up, and who may register. Needs no login.
    #[oai(path = "/setup", method = "get", operation_id = "getEntrance")]
    async fn entrance(&self, state: Data<&ApiState>) -> Result<Json<Entrance>, Problem> {
        let entrance = state.accounts.entrance().await?;
        Ok(Json(Entrance {
            needs_setup: entrance.needs_setup,
            registration: match entrance.registration {
                config::Registration::Closed => Registration::Closed,
                config::Registration::Invite => Registration::Invite,
                config::Registration::Open => Registration::Open,
            },
        }))
    }

    /// Make the first account
    ///
    /// Its owner is the admin. Needs the code that the server prints when it starts and nobody has an account, so that
    /// nobody else on the network can be quicker. Once there is an account this is a conflict.
    #[oai(path = "/setup", method = "post", operation_id = "setUp")]
    async fn set_up(
        &self,
        state: Data<&ApiState>,
        request: &Request,
        from: From,
        setup: Json<Setup>,
    ) -> Result<Response<Created<SignedInView>>, Problem> {
        limits::hold(request, state.limits.sign_in(&from.0).await)?;
        let Json(setup) = setup;
        let new = NewAccount {
            email: setup.email.0,
            name: setup.name.0,
            password: SecretString::from(setup.password.0),
        };
        let signed_in = state.accounts.set_up(&setup.code, new, &from.0).await?;
        let (view, cookies) = view(signed_in, setup.session, &state)?;
        Ok(with(cookies, Created::Created(Json(view))))
    }

    /// Register
    ///
    /// Whether this is possible is a setting of the installation: for nobody, for whoever was invited, or for everybody.
    #[oai(path = "/register", method = "post", operation_id = "register")]
    async fn register(
        &self,
        state: Data<&ApiState>,
        request: &Request,
        from: From,
        registering: Json<Registering>,
    ) -> Result<Response<Created<SignedInView>>, Problem> {
        limits::hold(request, state.limits.sign_in(&from.0).await)?;
        let Json(wanted) = registering;
        let new = NewAccount {
            email: wanted.email.0,
            name: wanted.name.0,
            password: SecretString::from(wanted.password.0),
        };
        let invitation = wanted.invitation.as_deref();
        let signed_in = state.accounts.register(new, invitation, &from.0).await?;
        let (view, cookies) = view(signed_in, wanted.session, &state)?;
        Ok(with(cookies, Created::Created(Json(view))))
    }

    /// Sign in
    ///
    /// With `session: token` (the default) the tokens are in the answer. With `session: cookie` they are cookies that
    /// scripts cannot read (`codegraph_access`, `codegraph_refresh`), and the readable cookie `codegraph_csrf` is what
    /// requests that change something repeat in the header `X-CSRF-Token`.
    #[oai(path = "/login", method = "post", operation_id = "login")]
    async fn login(
        &self,
        state: Data<&ApiState>,
        request: &Request,
        from: From,
        login: Json<Login>,
    ) -> Result<Response<Json<SignedInView>>, Problem> {
        let Json(login) = login;
        limits::hold(request, state.limits.sign_in(&from.0).await)?;
        limits::hold(request, state.limits.guess(&login.email, &from.0).await)?;
        let password = SecretString::from(login.password.0);
        let accounts = &state.accounts;
        let signed_in = accounts.log_in(&login.email, &password, &from.0).await?;
        state.limits.guessed(&login.email, &from.0).await;
        let (view, cookies) = view(signed_in, login.session, &state)?;
        Ok(with(cookies, Json(view)))
    }

    /// Get new tokens
    ///
    /// For a refresh token, which is good for one use: the answer has the next one. A token that is used a second time
    /// ends its login, since one of the two who have it is a thief. Two tabs that refresh in the same moment (ten
    /// seconds) are not thieves: the second gets an access token alone. With cookies, `X-CSRF-Token` is needed.
    #[oai(path = "/refresh", method = "post", operation_id = "refresh")]
    async fn refresh(
        &self,
        state: Data<&ApiState>,
        request: &Request,
        from: From,
        refreshing: Json<Refreshing>,
    ) -> Result<Response<Json<SignedInView>>, Problem> {
        limits::hold(request, state.limits.sign_in(&from.0).await)?;
        let (granted, carrier) = if let Some(token) = refreshing.0.refresh_token {
            let granted = state.sessions.refresh(&token, None, &from.0).await?;
            (granted, Carrier::Token)
        } else {
            let token = cookies::read(request, cookies::REFRESH).ok_or_else(|| {
                crate::Error::Unauthorized("there is no refresh token".to_owned())
            })?;
            auth::check_page(request, &state.web)?;
            let csrf = auth::repeated(request).ok_or_else(auth::missing)?;
            let granted = state.sessions.refresh(&token, Some(&csrf), &from.0).await?;
            (granted, Carrier::Cookie)
        };
        let user = state.accounts.get(granted.user).await?;
        let (view, cookies) = view(SignedIn { user, granted }, carrier, &state)?;
        Ok(with(cookies, Json(view)))
    }

    /// Sign out
    ///
    /// Ends the login of the refresh token in the body or the cookies, or of the access token, and takes the cookies
    /// away. It is no error when there was none.
    #[oai(path = "/logout", method = "post", operation_id = "logout")]
    async fn logout(
        &self,
        state: Data<&ApiState>,
        request: &Request,
        leaving: Json<Refreshing>,
    ) -> Result<Response<Done>, Problem> {
        let cookie = |name| cookies::read(request, name);
        let with_cookies =
            leaving.0.refresh_token.is_none() && !request.headers().contains_key(AUTHORIZATION);
        if with_cookies {
            auth::check_page(request, &state.web)?;
        }
        let refresh = leaving
            .0
            .refresh_token
            .map(String::from)
            .or_else(|| cookie(cookies::REFRESH).filter(|_| with_cookies));
        if let Some(token) = refresh {
            state.sessions.forget(&token).await?;
        }
        let shown = request.headers().get(AUTHORIZATION);
        let shown = shown.and_then(|header| auth::bearer(header.to_str().ok()?).map(str::to_owned));
        let shown = shown.or_else(|| cookie(cookies::ACCESS).filter(|_| with_cookies));
        if let Some(token) = shown {
            state.sessions.forget_access(&token).await?;
        }
        Ok(with(cookies::clear(state.web.secure), Done::Done))
    }
}

/// What is said to somebody who signed in, and the cookies that are set.
fn view(
    signed_in: SignedIn,
    carrier: Carrier,
    state: &ApiState,
) -> Result<(SignedInView, Vec<String>), Problem> {
    let SignedIn { user, granted } = signed_in;
    let caller = Caller {
        user: user.id,
        email: user.email.clone(),
        role: user.role()?,
        scope: None,
        session: Some(granted.session),
    };
    let by_cookie = carrier == Carrier::Cookie;
    let cookies = if by_cookie {
        cookies::set(&granted, state.web.secure)
    } else {
        vec![]
    };
    let Granted {
        access,
        refresh,
        csrf,
        ..
    } = granted;
    let view = SignedInView {
        user: Me::new(user, &caller)?,
        session: carrier,
        expires_in: u32::try_from(ACCESS_LIFE.as_secs()).unwrap_or(u32::MAX),
        access_token: (!by_cookie).then_some(access),
        refresh_token: refresh.filter(|_| !by_cookie),
        csrf_token: by_cookie.then_some(csrf),
    };
    Ok((view, cookies))
}

/// An answer that sets cookies, and that nobody on the way keeps.
fn with<T>(cookies: Vec<String>, answer: T) -> Response<T> {
    let answer = Response::new(answer).header("cache-control", "no-store");
    cookies
        .into_iter()
        .fold(answer, |answer, cookie| answer.header("set-cookie", cookie))
}
