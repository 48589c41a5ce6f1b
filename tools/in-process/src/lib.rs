//! Every function of a deployment in this process: the real routers over SQLite, on a clock that is moved. For what makes or
//! counts a whole year of referrals, which over HTTP and by the real clock nobody can wait for.

mod deployment;
mod migrations;

pub use deployment::{Answer, Deployment};
pub use migrations::migrations;
