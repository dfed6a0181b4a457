//! Strangers: everything outside this program that it talks to, one trait a kind, one file a vendor. What may
//! not live here: SQL, what a run does next, what an agent thinks.

pub mod blobs;
pub mod cache;
pub mod forge;
pub mod gate;
pub mod git;
pub mod llm;
pub mod reach;
pub mod sandbox;
pub mod webhook;
