//! Randomness for ids and keys, from the platform's own generator.

/// Sixteen bytes that nobody can guess.
///
/// Workers, Spin and the operating system do not fail here while a request is served. Should one fail all the same, the
/// instance stops: an id or a key that can be guessed is worse than a lost request.
pub fn sixteen_bytes() -> [u8; 16] {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        std::process::abort();
    }
    bytes
}
