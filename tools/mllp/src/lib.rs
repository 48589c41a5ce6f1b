//! HL7 v2 over MLLP, handed on to `POST /hl7`.
//!
//! A message is on disk before anything is answered, and leaves the disk when the function has answered: what was acknowledged
//! survives a kill and a network that is away. They are handed on one at a time in the order of arrival. A message may be handed
//! on twice, never less than once; the function knows a message that it has had.

pub mod frame;
pub mod relay;
pub mod serve;
pub mod spool;
