//! Which routes answer without a token or key, on a server that authenticates: this table, and nothing else.
//!
//! They say that there is a server, draw a map without data, and tell its page how to log in. A wrong token is refused on them, too.

/// The routes, as the router writes them.
pub(super) const ROUTES: [&str; 13] = [
    // Those who watch over the process have no account.
    "/healthz",
    "/readyz",
    // The pages, and how one logs in. What they show they ask for themselves, as the caller.
    "/",
    "/docs",
    "/v1/access",
    // What a style is made of; no data.
    "/style.json",
    "/styles",
    "/styles/{style}",
    "/glyphs/{fontstack}/{range}",
    "/sprite.json",
    "/sprite.png",
    "/sprite@2x.json",
    "/sprite@2x.png",
];

/// May anybody ask this route? `None`: it is none, so it is a file of the page or nothing.
pub(super) fn is_public(route: Option<&str>) -> bool {
    route.is_none_or(|route| ROUTES.contains(&route))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::operations;

    #[test]
    fn every_route_of_the_table_is_there_and_is_only_read() {
        for route in ROUTES {
            let methods: Vec<_> = operations().into_iter().filter(|(_, path)| *path == route).collect();
            assert_eq!(methods, [("GET", route)]);
        }
    }
}
