//! Migrations and checked queries are compiled in; changed ones must be compiled in again.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=.sqlx");
}
