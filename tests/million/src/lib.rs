//! What reading costs as the store grows: a file with the real schema is filled to a size, each view is asked for through the real
//! routers, and every statement that they run is then run again by itself, for its plan and its work.
//!
//! Two organisations are asked. `north` has as many referrals at every size: what is around it grows. `south` has half of all:
//! its own past grows, and what is open with it stays. Work is counted in steps of SQLite's virtual machine, which repeat exactly;
//! times are printed only.

pub mod asks;
pub mod budget;
pub mod costs;
pub mod fill;
pub mod lives;
pub mod store;
pub mod writes;
