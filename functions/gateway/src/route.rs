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

/// The service binding that answers `path`, or `None` when no function owns it.
pub fn binding(path: &str) -> Option<&'static str> {
    if path == "/" {
        return Some(HOME);
    }
    let segment = path.strip_prefix('/')?.split('/').next()?;
    OWNERS
        .iter()
        .find(|(owned, _)| *owned == segment)
        .map(|(_, binding)| *binding)
}

#[cfg(test)]
mod tests {
    use super::binding;

    #[test]
    fn the_first_segment_decides() {
        assert_eq!(binding("/intake/referrals"), Some("INTAKE"));
        assert_eq!(binding("/intake"), Some("INTAKE"));
        assert_eq!(binding("/fhir/Task/1"), Some("EXCHANGE"));
        assert_eq!(binding("/hl7"), Some("EXCHANGE"));
    }

    #[test]
    fn the_root_leads_to_the_worklist() {
        assert_eq!(binding("/"), Some("WORKLIST"));
    }

    #[test]
    fn a_path_that_only_resembles_a_segment_has_no_owner() {
        for path in [
            "",
            "/intakes",
            "/Intake",
            "//intake",
            "/%69ntake",
            "/nothing",
        ] {
            assert_eq!(binding(path), None, "{path}");
        }
    }
}
