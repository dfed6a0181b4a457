//! The HTTP API against a real database, request by request: what callers see. What may not live here: tests of a
//! single function; those stand below it.

mod audit;
mod choices;
mod conversations;
mod cookies;
mod declared;
mod figures;
mod forged;
mod guesses;
mod home;
mod needs;
mod notifications;
mod once;
mod operations;
mod outside;
mod people;
mod profiles;
mod pull_requests;
mod refresh;
mod refusals;
mod reviews;
mod secrets;
pub(crate) mod seed;
mod sign_in;
mod socket;
pub(crate) mod stage;
mod steering;
mod stream;
mod tokens;
mod walk;
mod webhooks;
pub(crate) mod work;
