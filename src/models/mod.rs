//! Rows, and every line of SQL on our own tables: free functions on a connection, one file a table or a
//! hot statement. What may not live here: decisions, transactions, other rooms.

pub mod agent_run;
pub mod api_token;
pub mod artifact;
pub mod attempt;
pub mod audit;
pub mod claim;
pub mod effect;
pub mod event;
pub mod feed;
pub mod head;
pub mod invitation;
pub mod ledger;
pub mod limit;
pub mod model_call;
pub mod record;
pub mod repository;
pub mod run;
pub mod server;
pub mod session;
pub mod signal;
pub mod signing_key;
pub mod snapshot;
pub mod step;
pub mod story;
pub mod task;
pub mod timeline;
pub mod tool_call;
pub mod user;
pub mod worker;
