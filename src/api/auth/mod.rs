//! Who asks: the security of every operation that is not open to everybody. A caller shows an access token or a token
//! of a program as `Authorization: Bearer`, or the cookies of the dashboard. What they may do is in
//! `services/access.rs`; an operation asks with [`Auth::may`] before it does anything.

use poem::{
    Request, RequestBody,
    http::{Method, header::AUTHORIZATION},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};
use secrecy::SecretString;

use super::{ApiState, Problem, limits};
use crate::{
    Error,
    services::{
        access::{self, Caller},
        sessions::TOKEN_PREFIX,
    },
};

pub(super) mod cookies;
mod csrf;
mod from;

pub(super) use self::{
    csrf::{check_page, missing, repeated},
    from::From,
};

/// Names of the two ways to come in, as the document has them.
const BEARER: &str = "bearer";
const COOKIE: &str = "cookie";

/// Somebody who is known.
pub(super) struct Auth(Caller);

impl Auth {
    /// The caller, when they may do this operation.
    pub(super) fn may(&self, operation: &str) -> Result<&Caller, Problem> {
        let permission = access::permission_of(operation)
            .ok_or_else(|| Error::Internal(format!("`{operation}` has no permission")))?;
        self.0.may(permission)?;
        Ok(&self.0)
    }
}

impl<'a> ApiExtractor<'a> for Auth {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();

    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = MetaSecurityScheme {
            ty: "http",
            description: Some(
                "An access token from `login` (30 minutes), or a token of a program (`cg_…`).",
            ),
            name: None,
            key_in: None,
            scheme: Some("bearer"),
            bearer_format: None,
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(BEARER, scheme);
        let scheme = MetaSecurityScheme {
            ty: "apiKey",
            description: Some(
                "The dashboard's way: `login` with `session: cookie` sets it. A request that changes something must \
                 repeat the cookie `codegraph_csrf` in the header `X-CSRF-Token`.",
            ),
            name: Some(cookies::ACCESS),
            key_in: Some("cookie"),
            scheme: None,
            bearer_format: None,
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(COOKIE, scheme);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![BEARER, COOKIE]
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let caller = caller(request).await?;
        if !safe(request.method())
            && let Some(state) = request.data::<ApiState>()
        {
            limits::hold(request, state.limits.write(caller.user).await)?;
        }
        Ok(Self(caller))
    }
}

/// Who asks.
pub(super) async fn caller(request: &Request) -> Result<Caller, Problem> {
    let state = request
        .data::<ApiState>()
        .ok_or_else(|| Error::Internal("the API has no state".to_owned()))?;
    // A token that is shown counts, and nothing beside it: no falling back to a cookie.
    if let Some(header) = request.headers().get(AUTHORIZATION) {
        let token = header.to_str().ok().and_then(bearer);
        let token = token.ok_or_else(|| {
            Error::Unauthorized("the header Authorization is not `Bearer` and a token".to_owned())
        })?;
        return Ok(if token.starts_with(TOKEN_PREFIX) {
            state.sessions.of_token(token).await?
        } else {
            state.sessions.of_access(token).await?.0
        });
    }
    let token = cookies::read(request, cookies::ACCESS)
        .ok_or_else(|| Error::Unauthorized("this needs you to sign in".to_owned()))?;
    let (caller, shown) = state.sessions.of_access(&token).await?;
    if !safe(request.method()) {
        check_page(request, &state.web)?;
        csrf::check_token(request, &shown.csrf)?;
    }
    Ok(caller)
}

/// What a request whose caller is known has shown: the token, however it was carried.
pub(super) fn shown(request: &Request) -> Result<SecretString, Problem> {
    let header = request.headers().get(AUTHORIZATION);
    let token = match header {
        Some(header) => header.to_str().ok().and_then(bearer).map(str::to_owned),
        None => cookies::read(request, cookies::ACCESS),
    };
    let token = token.ok_or_else(|| Error::Unauthorized("this needs you to sign in".to_owned()))?;
    Ok(token.into())
}

/// The token of a request that shows one.
pub(super) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Methods that change nothing.
fn safe(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_a_bearer_is_one() {
        for (header, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Bearer ", None),
            ("Bearer", None),
            ("Basic abc", None),
        ] {
            assert_eq!(super::bearer(header), token, "{header}");
        }
    }
}
