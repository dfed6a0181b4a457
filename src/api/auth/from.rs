//! Where a request comes from.

use poem::{FromRequest, Request, RequestBody};

use crate::{
    api::{ApiState, Web},
    services::sessions::Client,
};

/// More of a browser's name than this is not worth keeping.
const NAME: usize = 200;

/// Where a request comes from.
pub(in crate::api) struct From(pub(in crate::api) Client);

impl<'a> FromRequest<'a> for From {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let name = request.headers().get("user-agent");
        let name = name.and_then(|name| name.to_str().ok());
        let web = request.data::<ApiState>().map(|state| &*state.web);
        Ok(Self(Client {
            user_agent: name.map(|name| name.chars().take(NAME).collect()),
            address: address(request, web),
        }))
    }
}

/// The address of whoever asks. What a header says about it counts only behind a proxy that is ours: it adds the last.
pub(in crate::api) fn address(request: &Request, web: Option<&Web>) -> Option<String> {
    let told = || {
        let header = request
            .headers()
            .get_all("x-forwarded-for")
            .iter()
            .next_back()?;
        let last = header.to_str().ok()?.rsplit(',').next()?.trim();
        last.parse::<std::net::IpAddr>().ok()
    };
    let seen = || Some(request.remote_addr().as_socket_addr()?.ip());
    let told = if web.is_some_and(|web| web.behind_proxy) {
        told()
    } else {
        None
    };
    told.or_else(seen).map(|ip| ip.to_canonical().to_string())
}
