//! The tests of the store and of the database port under it, written once and run on every platform.
//!
//! A case is an `async fn case<P: Platform>(platform: &P) -> Outcome` that works on ids of its own, so that cases disturb
//! neither each other nor themselves when they run again on the same database. Natively each is a `#[test]`
//! (`tests/native.rs`); on Workers and on Spin the function in `tests/store-function` runs one a request.
//!
//! To add a case: write the function in its module, and its line in [`cases!`].

mod check;
mod life;
mod meanwhile;
mod network;
mod scratch;
mod stored;
mod writer;

pub mod port_batches;
pub mod port_errors;
pub mod port_values;
pub mod store_lives;
pub mod store_pending;
pub mod store_races;
pub mod store_sweeps;
pub mod store_writes;

pub use check::{Failure, Outcome};

/// The table of all cases, handed to the macro `$each` as `module: case,` lines.
#[macro_export]
macro_rules! cases {
    ($each:ident) => {
        $each! {
            port_batches: an_empty_batch_does_nothing,
            port_batches: every_statement_of_a_batch_takes_effect,
            port_batches: a_statement_sees_those_before_it,
            port_batches: each_statement_answers_in_its_place,
            port_batches: a_batch_of_reads_answers_each,
            port_batches: returning_returns_what_was_written,
            port_batches: an_upsert_returns_the_row_it_left,
            port_batches: one_parameter_inserts_200_rows,
            port_batches: a_row_wide_answer_of_500_rows_comes_back,
            port_batches: of_two_racing_batches_one_wins,
            port_batches: of_sixteen_racing_batches_one_wins,
            port_errors: a_failing_statement_in_the_middle_undoes_all,
            port_errors: a_failing_last_statement_undoes_all,
            port_errors: a_conflict_names_the_primary_key,
            port_errors: a_conflict_names_the_unique_columns,
            port_errors: a_bad_statement_is_refused,
            port_errors: a_refusal_shows_no_parameter,
            port_errors: a_failed_batch_leaves_the_platform_usable,
            port_values: values_come_back_the_same,
            port_values: columns_keep_values_the_same,
            port_values: a_whole_number_is_stored_as_an_integer,
            port_values: a_whole_result_is_an_integer,
            port_values: a_large_blob_comes_back_the_same,
            port_values: a_large_text_comes_back_the_same,
            port_values: a_parameter_can_be_used_twice,
            port_values: the_clock_is_in_milliseconds,
            port_values: random_bytes_differ,
            store_writes: a_new_referral_is_stored_whole,
            store_writes: a_new_referral_with_a_taken_identifier_leaves_nothing,
            store_writes: an_event_is_stored_with_row_receipt_and_chain,
            store_writes: an_event_that_came_late_takes_its_place,
            store_writes: the_same_receipt_twice_stores_nothing_twice,
            store_races: of_two_plain_writers_one_wins,
            store_races: a_guarded_try_that_lost_writes_nothing,
            store_races: a_guarded_try_that_wins_writes_all,
            store_races: of_sixteen_writers_all_are_stored,
            store_races: of_sixteen_calls_with_one_receipt_one_is_stored,
            store_races: a_race_stays_on_the_referral_that_was_read,
            store_pending: what_cannot_win_is_shelved_and_taken_in,
            store_pending: shelved_events_are_taken_in_in_the_order_in_which_they_came,
            store_pending: a_shelved_event_keeps_what_is_looked_up_beside_it,
            store_sweeps: a_sweep_takes_pending_events_in,
            store_sweeps: a_referral_that_moved_drops_out_of_its_slice,
            store_lives: the_row_is_the_fold_of_the_stored_events,
        }
    };
}

macro_rules! table {
    ($($module:ident: $case:ident,)*) => {
        /// The names of all cases.
        pub const NAMES: &[&str] = &[$(stringify!($case)),*];

        /// Runs the case called `name`; `None` when there is none.
        pub async fn run<P: ports::Platform>(platform: &P, name: &str) -> Option<Outcome> {
            $(
                if name == stringify!($case) {
                    return Some($module::$case(platform).await);
                }
            )*
            None
        }
    };
}
cases!(table);
