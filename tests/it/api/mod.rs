//! The HTTP API against a real database, request by request. What is looked at here: what callers see. No test of a
//! single function lives here.

mod sign_in;
mod stage;
