//! What a piece of work costs, without a clock: bytes held at once, and loads from memory.

use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// How much work may cost. What a library does inside of std (`memchr`, moving bytes) is not counted as loads.
#[derive(Debug, Clone, Copy)]
pub struct Bound {
    /// Bytes held at once, for each byte of input.
    pub held_a_byte: usize,
    /// Loads from memory, for each byte of input; counted by `cargo fuzz-parsers` alone.
    pub loads_a_byte: u64,
}

/// What may be held, and loaded, for an input of no bytes: tables, messages of errors.
const HELD_LEAST: usize = 64 * 1024;
const LOADS_LEAST: u64 = 200_000;

/// Does the work, and holds it to its bound.
///
/// # Panics
/// Where it costs more.
#[track_caller]
pub fn bounded<T>(length: usize, bound: Bound, work: impl FnOnce() -> T) -> T {
    ALLOCATED.reset_peak_usage();
    let held = ALLOCATED.current_usage();
    let loaded = loads();
    let done = work();
    let held = ALLOCATED.peak_usage().saturating_sub(held);
    let loaded = loads() - loaded;
    let held_max = HELD_LEAST + bound.held_a_byte * length;
    let loads_max = LOADS_LEAST + bound.loads_a_byte * u64::try_from(length).unwrap_or(u64::MAX);
    assert!(
        held <= held_max,
        "{held} bytes held for an input of {length}: more than {held_max}"
    );
    assert!(
        loaded <= loads_max,
        "{loaded} loads for an input of {length} bytes: more than {loads_max}"
    );
    done
}

#[cfg(feature = "libfuzzer")]
#[allow(unsafe_code, reason = "the counter is C's: src/loads.c says why")]
fn loads() -> u64 {
    unsafe extern "C" {
        safe fn fuzz_loads() -> u64;
    }
    fuzz_loads()
}

#[cfg(not(feature = "libfuzzer"))]
const fn loads() -> u64 {
    0
}
