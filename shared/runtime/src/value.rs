//! Numbers as every platform returns them.

use ports::Value;

/// The largest whole number that a 64-bit float holds exactly with all below it: 2^53 - 1.
const WHOLE_MAX: f64 = 9_007_199_254_740_991.0;

/// A float from the database: a whole one is an integer.
///
/// D1 hands every number over as JavaScript's, so that 2 and 2.0 look the same there; the other platforms follow it, and
/// a use case sees one answer everywhere. NaN does not come: SQLite stores it as NULL.
#[allow(
    clippy::cast_possible_truncation,
    reason = "whole and within 2^53, so the conversion is exact"
)]
pub fn number(float: f64) -> Value {
    if float.fract() == 0.0 && float.abs() <= WHOLE_MAX {
        Value::Integer(float as i64)
    } else {
        Value::Real(float)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_float_is_an_integer() {
        assert_eq!(number(2.0), Value::Integer(2));
        assert_eq!(number(-0.0), Value::Integer(0));
        assert_eq!(number(WHOLE_MAX), Value::Integer((1 << 53) - 1));
    }

    #[test]
    fn a_fraction_and_what_is_too_large_stay_real() {
        assert_eq!(number(2.5), Value::Real(2.5));
        assert_eq!(number(1e300), Value::Real(1e300));
        assert_eq!(number(f64::INFINITY), Value::Real(f64::INFINITY));
    }
}
