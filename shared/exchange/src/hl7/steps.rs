//! Counts, in this crate's tests, the bytes that reading looks at: so that linear time is asserted without a clock.

#[cfg(test)]
thread_local! {
    static BYTES: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// So many bytes are about to be looked at.
#[cfg(test)]
pub fn count(bytes: usize) {
    BYTES.with(|sum| sum.set(sum.get().saturating_add(bytes)));
}

/// Nothing, outside of tests.
#[cfg(not(test))]
#[inline]
pub const fn count(_: usize) {}

/// The bytes counted since the last call.
#[cfg(test)]
pub fn take() -> usize {
    BYTES.with(|sum| sum.replace(0))
}

#[cfg(test)]
mod tests {
    use super::take;
    use crate::hl7::read;

    const HEAD: &str = "MSH|^~\\&||A||B|20260102030405+0000||ORU^R01|1|P|2.5.1\rPID|1||7^^^&1.2.3&ISO||F^G||19700101\rOBR|1|9^^1.2.3^ISO||1^x^L|||20260101|||||||||||||||||||F\r";

    /// A step is a byte looked at. Each byte is looked at by the framing, the tokens, and by the fields that are read of its
    /// segment, a number of times that depends on which field it is in and not on how many there are.
    const STEPS_A_BYTE_MAX: usize = 80;

    #[track_caller]
    fn check_is_linear(what: &str, message: impl Fn(usize) -> String) {
        for size in [1_000, 8_000, 64_000] {
            let message = message(size);
            take();
            let _ = read(message.as_bytes());
            let steps = take();
            assert!(steps > 0, "{what}: nothing was counted");
            assert!(
                steps <= STEPS_A_BYTE_MAX * message.len(),
                "{what}: {steps} steps for {} bytes",
                message.len()
            );
        }
    }

    #[test]
    fn reading_takes_a_bounded_number_of_steps_a_byte_however_a_message_grows() {
        check_is_linear("segments", |size| {
            format!(
                "{HEAD}{}",
                "OBX|1|TX|a^b^L||text||||||F\r".repeat(size / 28)
            )
        });
        check_is_linear("orders", |size| {
            format!("{HEAD}{}", "ORC|RE|9^^1.2.3^ISO\r".repeat(size / 20))
        });
        check_is_linear("fields", |size| {
            format!("{HEAD}OBX{}\r", "|a".repeat(size / 2))
        });
        check_is_linear("repetitions", |size| {
            format!("{HEAD}OBX|1|TX|a^b^L||{}||||||F\r", "a~".repeat(size / 2))
        });
        check_is_linear("components", |size| {
            format!("{HEAD}OBX|1|ED|a^b^L||{}||||||F\r", "a^".repeat(size / 2))
        });
        check_is_linear("subcomponents", |size| {
            format!("{HEAD}OBX|1|TX|a^b^L||{}||||||F\r", "a&".repeat(size / 2))
        });
        check_is_linear("escapes", |size| {
            format!(
                "{HEAD}OBX|1|TX|a^b^L||{}||||||F\r",
                "\\F\\\\x\\".repeat(size / 6)
            )
        });
        check_is_linear("escapes without an end", |size| {
            format!(
                "{HEAD}OBX|1|TX|a^b^L||\\{}||||||F\r",
                "\\a".repeat(size / 2)
            )
        });
        check_is_linear("a document", |size| {
            format!(
                "{HEAD}OBX|1|ED|a^b^L||^application^pdf^Base64^{}||||||F\r",
                "AAAA".repeat(size / 4)
            )
        });
        check_is_linear("notes", |size| {
            format!("{HEAD}{}", "NTE|1||text\r".repeat(size / 12))
        });
    }
}
