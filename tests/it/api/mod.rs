//! The HTTP API against a real database, request by request: what callers see. What may not live here: tests of a
//! single function; those stand below it.

mod audit;
mod cookies;
mod forged;
mod people;
mod refresh;
mod sign_in;
mod stage;
mod tokens;
mod walk;
mod work;
