//! Which component answers a path.
//! Source: spinframework/spin, `crates/http/src/routes.rs`, and the crate `routefinder` below it: slashes at the ends do
//! not count, an exact segment beats a named one, a named one beats the trailing wildcard, and `/x/...` matches `/x`.

use std::cmp::Reverse;

/// One segment of a route. The order is that of preference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Exact(String),
    Named,
}

#[derive(Debug, Clone)]
struct Route {
    raw: String,
    segments: Vec<Segment>,
    wildcard: bool,
    component: String,
}

/// The routes of an application, the most specific first.
#[derive(Debug, Clone, Default)]
pub struct Routes(Vec<Route>);

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
pub struct Match<'routes, 'path> {
    /// The component's id.
    pub component: &'routes str,
    /// The route as the manifest has it.
    pub route: &'routes str,
    /// What the trailing wildcard matched, with its leading slash; empty without one.
    pub path_info: &'path str,
}

impl Routes {
    /// The routes in the manifest's order, each with its component. Of equal ones the last counts, as in Spin.
    pub fn new<'a>(routes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut parsed: Vec<Route> = Vec::new();
        for (raw, component) in routes {
            parsed.retain(|route| route.raw != raw);
            parsed.push(Route::parse(raw, component));
        }
        parsed.sort_by_cached_key(|route| {
            (
                Reverse(route.segments.len()),
                route.wildcard,
                route.segments.clone(),
            )
        });
        Self(parsed)
    }

    /// The most specific route that matches `path` (without its query).
    #[must_use]
    pub fn find<'path>(&self, path: &'path str) -> Option<Match<'_, 'path>> {
        self.0.iter().find_map(|route| {
            route.path_info(path).map(|path_info| Match {
                component: &route.component,
                route: &route.raw,
                path_info,
            })
        })
    }
}

impl Route {
    fn parse(raw: &str, component: &str) -> Self {
        let (fixed, wildcard) = match raw.strip_suffix("/...").or_else(|| raw.strip_suffix("/*")) {
            Some(prefix) => (prefix, true),
            None => (raw, false),
        };
        let segments = split(fixed)
            .map(|segment| match segment.strip_prefix(':') {
                Some(_) => Segment::Named,
                None => Segment::Exact(segment.to_owned()),
            })
            .collect();
        Self {
            raw: raw.to_owned(),
            segments,
            wildcard,
            component: component.to_owned(),
        }
    }

    /// What is left of `path` after this route's segments, or `None` when it does not match.
    fn path_info<'path>(&self, path: &'path str) -> Option<&'path str> {
        let mut rest = path;
        for segment in &self.segments {
            let trimmed = rest.trim_start_matches('/');
            let end = trimmed.find('/').unwrap_or(trimmed.len());
            let (found, tail) = trimmed.split_at(end);
            match segment {
                Segment::Exact(exact) if exact == found => {}
                Segment::Named if !found.is_empty() => {}
                _ => return None,
            }
            rest = tail;
        }
        match (self.wildcard, rest.trim_matches('/').is_empty()) {
            (true, _) => Some(rest),
            (false, true) => Some(""),
            (false, false) => None,
        }
    }
}

fn split(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(routes: &[(&str, &str)], path: &str, want: Option<(&str, &str)>) {
        for routes in [routes.to_vec(), routes.iter().rev().copied().collect()] {
            let found = Routes::new(routes);
            let found = found
                .find(path)
                .map(|found| (found.component, found.path_info));
            assert_eq!(found, want, "{path}");
        }
    }

    const OWN: &[(&str, &str)] = &[
        ("/directory/...", "directory"),
        ("/intake/...", "intake"),
        ("/worklist/...", "worklist"),
        ("/", "root"),
    ];

    #[test]
    fn a_prefix_matches_itself_and_all_below() {
        check(OWN, "/intake", Some(("intake", "")));
        check(OWN, "/intake/", Some(("intake", "/")));
        check(OWN, "/intake/referrals/7", Some(("intake", "/referrals/7")));
        check(OWN, "/intake2", None);
        check(OWN, "/other", None);
    }

    #[test]
    fn the_root_is_exact() {
        check(OWN, "/", Some(("root", "")));
        check(OWN, "/x", None);
    }

    #[test]
    fn the_longest_prefix_wins_in_any_order() {
        let routes = &[
            ("/one/...", "one"),
            ("/one/two/...", "two"),
            ("/...", "all"),
        ];
        check(routes, "/one/two/three", Some(("two", "/three")));
        check(routes, "/one/three", Some(("one", "/three")));
        check(routes, "/", Some(("all", "/")));
    }

    #[test]
    fn exact_beats_named_beats_wildcard() {
        let routes = &[
            ("/a/b", "exact"),
            ("/a/:id", "named"),
            ("/a/...", "wildcard"),
        ];
        check(routes, "/a/b", Some(("exact", "")));
        check(routes, "/a/c", Some(("named", "")));
        check(routes, "/a/c/d", Some(("wildcard", "/c/d")));
        check(
            &[("/one", "exact"), ("/...", "all")],
            "/one",
            Some(("exact", "")),
        );
        check(
            &[("/one", "exact"), ("/one/...", "all")],
            "/one",
            Some(("exact", "")),
        );
    }

    #[test]
    fn of_equal_routes_the_last_counts() {
        let routes = Routes::new([("/a", "first"), ("/a", "last")]);
        assert_eq!(routes.find("/a").map(|found| found.component), Some("last"));
    }
}
