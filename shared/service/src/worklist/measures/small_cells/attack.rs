//! Somebody who has the table and knows how its numbers belong together tries to work a hidden one out: by bounds that follow
//! from sums and parts, and by solving all sums together.

use std::collections::{BTreeMap, BTreeSet};

use domain::facts;
use proptest::prelude::*;

use super::super::sums::{Sums, WAITS};
use super::{Cell, Cells, family, is_bucket, is_of, nested, of, pool};

const SHOWN_FROM: i64 = 11;
const MANY: i64 = 1_000_000;

/// A referral in a few dice: its two groups, where it stands, what it counts as besides.
type Life = (usize, usize, u8, u8, u16);

fn count(life: Life) -> Vec<String> {
    let (_, _, stands, flags, waited) = life;
    let mut names = vec![facts::TOTAL.to_owned()];
    let status = [
        "sent",
        "accepted",
        "declined",
        "completed",
        "closed",
        "closed",
    ][usize::from(stands) % 6];
    names.push(of(facts::STATUS, status));
    let mut reached = Vec::new();
    let wait = |wait: &str| of(wait, &waited.to_string());
    match status {
        "sent" => names.push(of(facts::OPEN, status)),
        "accepted" => {
            names.push(of(facts::OPEN, status));
            reached.push("accepted");
        }
        "declined" => names.push(of(
            facts::DECLINED,
            if flags & 1 == 0 { "capacity" } else { "other" },
        )),
        _ => {
            names.push(facts::COMPLETED.to_owned());
            reached.extend(["accepted", "booked", "seen", "reported"]);
            names.extend([wait(facts::TO_VISIT), wait(facts::TO_REPORT)]);
            if flags & 2 != 0 {
                names.push(facts::ADVISED.to_owned());
            }
        }
    }
    if status == "closed" {
        names.push(facts::CLOSED.to_owned());
        reached.push("closed");
        names.extend([wait(facts::TO_CLOSED), wait(facts::TO_ACKNOWLEDGED)]);
    } else if status == "completed" {
        names.push(of(facts::OPEN, status));
    }
    if flags & 12 == 12 {
        names.extend([facts::BREACHED.to_owned(), of(facts::BREACH, "decided")]);
    }
    names.extend(reached.into_iter().map(|stage| of(facts::REACHED, stage)));
    names
}

fn sum(lives: &[Life], of: impl Fn(&Life) -> bool) -> Sums {
    let mut sums = Sums::default();
    for life in lives.iter().filter(|life| of(life)) {
        for name in count(*life) {
            sums.add(&name, 1);
        }
    }
    sums
}

/// A whole and its parts.
type Equation = (Cell, Vec<Cell>);

/// Every sum that holds by what the numbers are.
fn equations(cells: &Cells) -> Vec<Equation> {
    let mut equations = Vec::new();
    for (column, numbers) in cells.columns.iter().enumerate() {
        let here = |name: &str| (column, name.to_owned());
        let all = |fits: &dyn Fn(&str) -> bool| -> Vec<Cell> {
            numbers
                .keys()
                .filter(|name| fits(name))
                .map(|name| here(name))
                .collect()
        };
        equations.push((here(facts::TOTAL), all(&|name| is_of(name, facts::STATUS))));
        let completed = ["completed", "closed"].map(|status| here(&of(facts::STATUS, status)));
        equations.push((here(facts::COMPLETED), completed.to_vec()));
        for same in [
            of(facts::STATUS, "closed"),
            of(facts::REACHED, "closed"),
            facts::TO_CLOSED.to_owned(),
            facts::TO_ACKNOWLEDGED.to_owned(),
        ] {
            equations.push((here(facts::CLOSED), vec![here(&same)]));
        }
        for (_, wait) in WAITS {
            equations.push((here(wait), all(&|name| is_bucket(name, wait))));
        }
    }
    for division in &cells.divisions {
        for name in cells.columns[0].keys() {
            let parts = division.clone().map(|column| (column, name.clone()));
            equations.push(((0, name.clone()), parts.collect()));
        }
    }
    equations
}

/// The least and the most that each hidden number can be.
fn bounds(cells: &Cells, hidden: &BTreeSet<Cell>) -> BTreeMap<Cell, (i64, i64)> {
    let equations = equations(cells);
    // What is 0 is shown, outside of a hidden family: a hidden number is at least 1.
    let least = |cell: &Cell| i64::from(cell.0 == 0 || family(&cell.1).is_none());
    let mut bounds: BTreeMap<Cell, (i64, i64)> = hidden
        .iter()
        .map(|cell| (cell.clone(), (least(cell), MANY)))
        .collect();
    let of = |bounds: &BTreeMap<Cell, (i64, i64)>, cell: &Cell| {
        let number = cells.number(cell.0, &cell.1);
        bounds.get(cell).copied().unwrap_or((number, number))
    };
    loop {
        let before = bounds.clone();
        let mut tighten = |cell: &Cell, (least, most): (i64, i64)| {
            if let Some(known) = bounds.get_mut(cell) {
                *known = (known.0.max(least), known.1.min(most));
            }
        };
        for (whole, parts) in &equations {
            let (whole_is, each): ((i64, i64), Vec<(i64, i64)>) = (
                of(&before, whole),
                parts.iter().map(|part| of(&before, part)).collect(),
            );
            let least: i64 = each.iter().map(|it| it.0).sum();
            let most: i64 = each.iter().map(|it| it.1).sum();
            tighten(whole, (least, most));
            for (part, (own_least, own_most)) in parts.iter().zip(&each) {
                tighten(
                    part,
                    (
                        whole_is.0 - (most - own_most),
                        whole_is.1 - (least - own_least),
                    ),
                );
            }
        }
        for (column, numbers) in cells.columns.iter().enumerate() {
            for (part, whole) in nested(numbers) {
                let (part, whole) = ((column, part), (column, whole));
                tighten(&part, (0, of(&before, &whole).1));
                tighten(&whole, (of(&before, &part).0, MANY));
            }
        }
        if bounds == before {
            return bounds;
        }
    }
}

/// The hidden numbers that follow from all sums together.
fn solved(cells: &Cells, hidden: &BTreeSet<Cell>) -> Vec<Cell> {
    let places: Vec<&Cell> = hidden.iter().collect();
    let place = |cell: &Cell| places.binary_search(&cell).ok();
    let mut rows: Vec<Vec<f64>> = Vec::new();
    for (whole, parts) in equations(cells) {
        let mut row = vec![0.0; places.len()];
        if let Some(place) = place(&whole) {
            row[place] -= 1.0;
        }
        for place in parts.iter().filter_map(place) {
            row[place] += 1.0;
        }
        rows.push(row);
    }
    let mut done = 0;
    for column in 0..places.len() {
        let Some(pivot) = (done..rows.len()).find(|row| rows[*row][column].abs() > 1e-9) else {
            continue;
        };
        rows.swap(done, pivot);
        let by = rows[done][column];
        rows[done].iter_mut().for_each(|number| *number /= by);
        let row = rows[done].clone();
        for (index, other) in rows.iter_mut().enumerate() {
            let factor = other[column];
            if index != done && factor.abs() > 1e-9 {
                other
                    .iter_mut()
                    .zip(&row)
                    .for_each(|(number, by)| *number -= factor * by);
            }
        }
        done += 1;
    }
    rows.iter()
        .take(done)
        .filter(|row| row.iter().filter(|number| number.abs() > 1e-9).count() == 1)
        .filter_map(|row| row.iter().position(|number| number.abs() > 1e-9))
        .map(|place| places[place].clone())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_small_number_is_shown_or_can_be_worked_out(
        lives in prop::collection::vec((0..4usize, 0..3usize, any::<u8>(), any::<u8>(), 0..400u16), 1..400),
        skew in 1..4usize,
    ) {
        // Some groups are large and others small.
        let lives: Vec<Life> = lives
            .into_iter()
            .map(|(first, second, stands, flags, waited)| (first / skew, second, stands, flags, waited))
            .collect();
        let all = sum(&lives, |_| true);
        let groups = |of: fn(&Life) -> usize| -> Vec<Sums> {
            let groups = (0..4).map(|group| (group.to_string(), sum(&lives, |life| of(life) == group)));
            let mut groups: BTreeMap<String, Sums> =
                groups.filter(|(_, sums)| sums.of(facts::TOTAL) > 0).collect();
            pool(&mut groups, 11);
            groups.into_values().collect()
        };
        let (by_one, by_other) = (groups(|life| life.0), groups(|life| life.1));
        let divisions = [by_one.iter().collect(), by_other.iter().collect()];
        let cells = Cells::new(&all, &divisions, 11);
        // Every counter that there is anywhere may stand in every column.
        let names: BTreeSet<&String> = cells.columns.iter().flat_map(BTreeMap::keys).collect();
        let mut hidden = BTreeSet::new();
        for column in 0..cells.columns.len() {
            for name in &names {
                let number = cells.number(column, name);
                if cells.shown(column, name).is_none() {
                    hidden.insert((column, (*name).clone()));
                } else {
                    prop_assert!(number == 0 || number >= SHOWN_FROM, "{column} {name} {number}");
                }
            }
        }
        for (cell, (least, most)) in bounds(&cells, &hidden) {
            let number = cells.number(cell.0, &cell.1);
            prop_assert!(least <= number && number <= most, "{cell:?}: {number} is not in {least}..={most}");
            let is_small = (1..SHOWN_FROM).contains(&number);
            prop_assert!(!is_small || least < most, "{cell:?} can only be {least}");
        }
        let solved = solved(&cells, &hidden);
        let small = solved.iter().filter(|cell| (1..SHOWN_FROM).contains(&cells.number(cell.0, &cell.1)));
        prop_assert_eq!(small.collect::<Vec<_>>(), Vec::<&Cell>::new());
    }
}

#[test]
fn the_attacker_finds_what_one_rule_alone_would_leave_open() {
    // Two groups, of which the small one alone is hidden.
    let groups = [
        sum(&[(0, 0, 0, 0, 0); 5], |_| true),
        sum(&[(0, 0, 0, 0, 0); 50], |_| true),
    ];
    let all = sum(&[(0, 0, 0, 0, 0); 55], |_| true);
    let mut cells = Cells::new(&all, &[groups.iter().collect()], 1);
    cells.hidden.insert((1, facts::TOTAL.to_owned()));
    let hidden = cells.hidden.clone();
    assert_eq!(
        bounds(&cells, &hidden)[&(1, facts::TOTAL.to_owned())],
        (5, 5)
    );
    assert_eq!(solved(&cells, &hidden), [(1, facts::TOTAL.to_owned())]);
}
