//! The geometry of the charts, in the units of their view box. A chart is drawn for the width of a phone and grows with its place,
//! so that its letters are never smaller than they are there.

/// How wide a chart is.
pub(super) const WIDTH: i64 = 320;

/// What a bar with its line of text takes, and where the text and the bar stand in it.
const BAND: i64 = 34;
const TEXT_BASELINE: i64 = 13;
const BAR_TOP: i64 = 18;

/// How many characters of a label fit beside its number.
const LABEL_CHARS_MAX: usize = 30;

/// How high the columns of a distribution or of a trend are, and what is above and below them.
const COLUMN_HEIGHT: i64 = 70;
const COLUMN_TOP: i64 = 16;
const BELOW_COLUMNS: i64 = 18;
const GAP: i64 = 3;

/// How many months have their own name under a trend: more would touch.
const MONTHS_NAMED_MAX: usize = 12;

/// Bars that lie under one another.
pub(super) struct Bars {
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) bars: Vec<Bar>,
}

/// A bar with its text above it.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) text_y: i64,
    pub(super) y: i64,
    pub(super) length: i64,
}

/// What a bar says: its label, the text of its number, and the number where it is shown.
pub(super) type Item = (String, String, Option<i64>);

impl Bars {
    /// Bars whose full length is `most`.
    pub(super) fn new(items: Vec<Item>, most: i64) -> Self {
        let mut bars = Vec::with_capacity(items.len());
        let mut top = 0_i64;
        for (label, value, number) in items {
            bars.push(Bar {
                label: shortened(label),
                value,
                text_y: top.saturating_add(TEXT_BASELINE),
                y: top.saturating_add(BAR_TOP),
                length: part(number.unwrap_or_default(), most, WIDTH),
            });
            top = top.saturating_add(BAND);
        }
        Self {
            width: WIDTH,
            height: top,
            bars,
        }
    }
}

/// Columns that stand beside one another.
pub(super) struct Columns {
    pub(super) width: i64,
    pub(super) height: i64,
    /// Where they stand.
    pub(super) ground: i64,
    pub(super) columns: Vec<Column>,
}

/// A column, of which a part may be filled.
pub(super) struct Column {
    pub(super) x: i64,
    pub(super) middle: i64,
    pub(super) wide: i64,
    pub(super) y: i64,
    pub(super) high: i64,
    pub(super) filled_y: i64,
    pub(super) filled: i64,
    /// Above it.
    pub(super) value: String,
    pub(super) value_y: i64,
    /// Below it.
    pub(super) label: String,
    pub(super) label_y: i64,
}

/// What a column says: its label, the text of its number, the number where it is shown, and the part of it that is filled.
pub(super) struct Tall {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) number: Option<i64>,
    pub(super) filled: Option<i64>,
}

impl Columns {
    /// Columns of which the highest is as high as there is room.
    pub(super) fn new(items: Vec<Tall>) -> Self {
        let most = items.iter().filter_map(|item| item.number).max();
        let most = most.unwrap_or_default();
        let count = i64::try_from(items.len()).unwrap_or(1).max(1);
        let step = WIDTH / count;
        let ground = COLUMN_TOP + COLUMN_HEIGHT;
        let mut x = 0_i64;
        let mut columns = Vec::with_capacity(items.len());
        for item in items {
            let high = part(item.number.unwrap_or_default(), most, COLUMN_HEIGHT);
            let filled = part(item.filled.unwrap_or_default(), most, COLUMN_HEIGHT);
            columns.push(Column {
                x: x.saturating_add(1),
                middle: x.saturating_add(step / 2),
                wide: step.saturating_sub(GAP).max(2),
                y: ground.saturating_sub(high),
                high,
                filled_y: ground.saturating_sub(filled),
                filled,
                value: item.value,
                value_y: ground.saturating_sub(high).saturating_sub(4),
                label: item.label,
                label_y: ground.saturating_add(13),
            });
            x = x.saturating_add(step);
        }
        Self {
            width: WIDTH,
            height: ground + BELOW_COLUMNS,
            ground,
            columns,
        }
    }

    /// The same with fewer names and no numbers where there are too many of them.
    pub(super) fn thinned(mut items: Vec<Tall>) -> Self {
        let every = items.len().div_ceil(MONTHS_NAMED_MAX).max(1);
        if every > 1 {
            for (index, item) in items.iter_mut().enumerate() {
                item.value.clear();
                if !index.is_multiple_of(every) {
                    item.label.clear();
                }
            }
        }
        Self::new(items)
    }
}

/// A number as a part of a length; what is not nothing can be seen.
fn part(number: i64, most: i64, length: i64) -> i64 {
    if number <= 0 || most <= 0 {
        return 0;
    }
    (number.saturating_mul(length) / most).clamp(1, length)
}

/// The table beside it has the whole of it.
fn shortened(label: String) -> String {
    if label.chars().count() <= LABEL_CHARS_MAX {
        return label;
    }
    let mut short: String = label.chars().take(LABEL_CHARS_MAX - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_within_its_length_and_one_of_many_is_seen() {
        assert_eq!(part(0, 10, 320), 0);
        assert_eq!(part(1, 1_000_000, 320), 1);
        assert_eq!(part(5, 10, 320), 160);
        assert_eq!(part(20, 10, 320), 320);
        assert_eq!(part(1, 0, 320), 0);
    }

    #[test]
    fn a_long_label_is_cut_by_characters() {
        assert_eq!(shortened("á".repeat(30)), "á".repeat(30));
        assert_eq!(shortened("á".repeat(31)), format!("{}…", "á".repeat(29)));
    }
}
