//! The durable engine on a real Postgres, with workers inside the test's own process. What needs processes
//! that are killed or frozen is in `faults`.

mod acts;
mod again;
mod cancel;
mod children;
mod content;
mod doubles;
mod fork;
mod handover;
mod limits;
mod pause;
mod queue;
mod retention;
mod retries;
mod starts;
mod waits;
