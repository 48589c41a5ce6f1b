//! Seeded randomness: SplitMix64, small and the same everywhere.

/// A source of draws.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// A source that gives the same draws for the same seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A source of its own for each part of a run, so that what one part draws does not change another's.
    #[must_use]
    pub fn of(seed: u64, part: u64, number: u64) -> Self {
        let mut dice = Self(seed ^ part.rotate_left(48) ^ number.rotate_left(16));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below 1.
    pub fn share(&mut self) -> f64 {
        // 32 bits fit a double exactly.
        let bits = u32::try_from(self.next() >> 32).unwrap_or(u32::MAX);
        f64::from(bits) / 4_294_967_296.0
    }

    /// Whether something of this probability happens.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// A whole number from `least` to `most`.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        let span = u64::try_from(most - least + 1).unwrap_or(1);
        least + i64::try_from(self.next() % span).unwrap_or(0)
    }

    /// A time in milliseconds with this mean in days, falling off exponentially, at least an hour.
    pub fn days(&mut self, mean: f64) -> i64 {
        const HOUR_MS: f64 = 3_600_000.0;
        let days = -mean * (1.0 - self.share()).ln();
        #[allow(
            clippy::cast_possible_truncation,
            reason = "some days in milliseconds are far below 2^53"
        )]
        let milliseconds = (days * 24.0 * HOUR_MS).max(HOUR_MS) as i64;
        milliseconds
    }
}
