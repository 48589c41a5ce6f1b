//! Which function owns a path: the first segment decides, as it does for Spin's routes.

/// First segment of a path and the service binding of the function that owns it.
/// A function that is not deployed has no binding; the caller is told so.
const OWNERS: [(&str, &str); 7] = [
    ("directory", "DIRECTORY"),
    ("intake", "INTAKE"),
    ("status", "STATUS"),
    ("sweep", "SWEEP"),
    ("worklist", "WORKLIST"),
    ("fhir", "EXCHANGE"),
    ("hl7", "EXCHANGE"),
];

/// What `/` shows: the worklist function leads to its page.
const HOME: &str = "WORKLIST";

/// The service binding that answers `url`, or `None` when no function owns its path.
///
/// `url` is a whole one, as the platform hands it over: normalised, so that finding the path needs no parser (which would
/// be a third of this Worker's size).
pub fn binding(url: &str) -> Option<&'static str> {
    let (_, rest) = url.split_once("://")?;
    let (_, path) = rest.split_once('/')?;
    let segment = path.split(['/', '?', '#']).next()?;
    if segment.is_empty() && !path.starts_with('/') {
        return Some(HOME);
    }
    OWNERS
        .iter()
        .find(|(owned, _)| *owned == segment)
        .map(|(_, binding)| *binding)
}

#[cfg(test)]
mod tests {
    use super::binding;

    #[track_caller]
    fn check(path: &str, want: Option<&str>) {
        assert_eq!(
            binding(&format!("https://referrals.example:8787{path}")),
            want,
            "{path}"
        );
    }

    #[test]
    fn the_first_segment_decides() {
        check("/intake/referrals", Some("INTAKE"));
        check("/intake", Some("INTAKE"));
        check("/worklist?limit=1", Some("WORKLIST"));
        check("/fhir/Task/1", Some("EXCHANGE"));
        check("/hl7", Some("EXCHANGE"));
    }

    #[test]
    fn the_root_leads_to_the_worklist() {
        check("/", Some("WORKLIST"));
        check("/?from=/intake", Some("WORKLIST"));
    }

    #[test]
    fn a_path_that_only_resembles_a_segment_has_no_owner() {
        for path in [
            "",
            "/intakes",
            "/Intake",
            "//",
            "//intake",
            "/%69ntake",
            "/nothing",
        ] {
            check(path, None);
        }
    }
}
