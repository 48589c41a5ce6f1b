//! How deep a JSON body is nested, counted on its bytes before anything parses it.

/// The deepest nesting of lists and objects that a body may have. The deepest documented body has 6.
pub const DEPTH_MAX: usize = 32;

/// Whether lists and objects are nested deeper than `limit`. Says nothing of whether the bytes are JSON.
pub fn is_deeper_than(limit: usize, bytes: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_may_be_as_deep_as_the_limit_and_not_deeper() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(!is_deeper_than(DEPTH_MAX, nested(DEPTH_MAX).as_bytes()));
        assert!(is_deeper_than(DEPTH_MAX, nested(DEPTH_MAX + 1).as_bytes()));
    }

    #[test]
    fn brackets_in_strings_do_not_count() {
        assert!(!is_deeper_than(1, br#"{"a":"[[[\"[[","b":"\\"}"#));
        assert!(is_deeper_than(1, br#"{"a":"\\",[}"#));
    }

    #[test]
    fn siblings_do_not_add_up() {
        assert!(!is_deeper_than(2, b"[[],[],[]]"));
    }
}
