//! Migrations, checked queries and the dashboard are compiled in; changed ones must be compiled in again.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=.sqlx");
    // A path that is not there counts as changed each time; `make dashboard` touches this file when it makes it.
    println!("cargo:rerun-if-changed=build.rs");
    if Path::new("frontend/dist").is_dir() {
        println!("cargo:rerun-if-changed=frontend/dist");
    }
}
