//! What can be wrong with a configuration. The texts name the setting and never show its value
//! where that may be a secret.

use std::path::PathBuf;

/// Why the configuration could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The process has no working directory to look for a file in.
    #[error("the working directory cannot be read: {cause}")]
    Directory {
        /// What the system said.
        cause: std::io::Error,
    },
    /// The file is missing where it was promised, unreadable, or not TOML.
    #[error("{}: {reason}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file sets something that does not exist.
    #[error("{}: there is no setting `{key}`{hint}", file.display())]
    UnknownKey {
        /// The file.
        file: PathBuf,
        /// The key as written.
        key: String,
        /// What was probably meant, or where to look.
        hint: String,
    },
    /// A setting has a value that does not fit.
    #[error("{name}: {reason}")]
    Value {
        /// The variable, or the key and its file.
        name: String,
        /// What would have fitted.
        reason: String,
    },
}
