//! The commands that speak to a server, run as people and programs run them, against a real server on a port of this
//! machine. What may not live here: tests of the API itself.

mod account;
mod cut;
mod journey;
mod left;
mod manual;
mod outside;
mod port;
