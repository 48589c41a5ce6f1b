//! Our own styles and scripts without what is there for who reads the source: lines that are comments, and indentation. Done when the
//! program is built, so that a function carries less and a browser waits for less; names and line ends stay, so that a fault in a
//! browser can still be read.
//!
//! It knows no JavaScript and no CSS: a comment has its lines to itself, and no text goes over several lines. A test holds the files to it.

/// What is kept of `text`, as far as there is room, and how much that is: asked with no room first, it says how much is needed.
#[allow(
    clippy::indexing_slicing,
    reason = "evaluated when the program is built: past the end it does not compile"
)]
pub(super) const fn bare<const ROOM: usize>(text: &[u8]) -> ([u8; ROOM], usize) {
    let mut kept = [0; ROOM];
    let mut length = 0;
    let mut is_comment = false;
    let mut at = 0;
    while at < text.len() {
        let mut end = at;
        while end < text.len() && text[end] != b'\n' {
            end += 1;
        }
        while at < end && text[at] == b' ' {
            at += 1;
        }
        let is_pair = end >= at + 2;
        let opens = is_pair && text[at] == b'/' && text[at + 1] == b'*';
        let closes = is_pair && text[end - 2] == b'*' && text[end - 1] == b'/';
        let is_remark = is_pair && text[at] == b'/' && text[at + 1] == b'/';
        if is_comment || opens {
            is_comment = !closes;
        } else if at < end && !is_remark {
            while at <= end && at < text.len() {
                if length < ROOM {
                    kept[length] = text[at];
                }
                length += 1;
                at += 1;
            }
        }
        at = end + 1;
    }
    (kept, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &str) {
        let (kept, length) = bare::<200>(text.as_bytes());
        assert_eq!(std::str::from_utf8(&kept[..length]).unwrap(), want);
        assert_eq!(bare::<0>(text.as_bytes()).1, want.len());
    }

    #[test]
    fn comments_that_fill_their_lines_are_taken_out_and_all_else_stays() {
        check("", "");
        check("a;\n", "a;\n");
        check("a;", "a;");
        check("// one\n\n  a(); // two\n", "a(); // two\n");
        check("/* one */\na {\n  b: c;\n}\n", "a {\nb: c;\n}\n");
        check("/** one\n * two\n */\nf();\n", "f();\n");
        check("  /* one\n     two */\nf(\"é\");\n", "f(\"é\");\n");
    }

    #[test]
    fn our_files_are_written_so_that_this_is_right() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets");
        let mut files = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            files += 1;
            for line in text.lines().map(str::trim) {
                let at = || format!("{}: {line}", path.display());
                if line.starts_with("/*") || line.contains("*/") {
                    assert!(line.starts_with("/*") || line.ends_with("*/"), "{}", at());
                    let has_code = line
                        .split_once("*/")
                        .is_some_and(|(_, after)| !after.is_empty());
                    assert!(!has_code, "{}", at());
                }
                assert_eq!(line.matches('`').count() % 2, 0, "{}", at());
                assert!(!line.contains('\t'), "{}", at());
            }
        }
        assert!(files > 20, "{files}");
    }
}
