//! Lives of which nothing is known: any events in any order.

use domain::event::Event;
use domain::kind::EventKind;
use domain::status::Side;
use proptest::prelude::*;

fn any_event(index: usize) -> impl Strategy<Value = Event> {
    let kinds: Vec<EventKind> = EventKind::ALL
        .iter()
        .copied()
        .filter(|kind| kind.is_sent_by_callers())
        .collect();
    (
        proptest::sample::select(kinds),
        any::<bool>(),
        0..40i64,
        0..12usize,
        any::<u8>(),
    )
        .prop_map(move |(kind, referrer, minute, other, choice)| {
            let side = if referrer {
                Side::Referrer
            } else {
                Side::Recipient
            };
            let data = super::data(kind, &format!("e-{other}"), choice);
            super::event(&format!("e-{index}"), kind, side, 60_000 * minute, data)
        })
}

pub fn any_life() -> impl Strategy<Value = Vec<Event>> {
    (1..14usize).prop_flat_map(|length| (0..length).map(any_event).collect::<Vec<_>>())
}
