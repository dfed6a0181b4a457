//! Rows, and every line of SQL on our own tables: free functions on a connection, one file a table or a
//! hot statement. What may not live here: decisions, transactions, other rooms.

pub mod claim;
pub mod effect;
pub mod event;
pub mod head;
pub mod limit;
pub mod record;
pub mod run;
pub mod server;
pub mod signal;
pub mod step;
pub mod worker;
