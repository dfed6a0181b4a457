//! Places where tests have the process die, around everything that is written durably. Only debug builds know them.

/// Passes a place. When `CODEGRAPH_TEST_FAILPOINT` is `PLACE:N`, the process kills itself the N-th time; every place that
/// is passed becomes a line of the file in `CODEGRAPH_TEST_FAILPOINT_LOG`.
#[inline]
pub fn pass(moment: &str, what: &str) {
    #[cfg(debug_assertions)]
    armed::pass(moment, what);
    #[cfg(not(debug_assertions))]
    let _ = (moment, what);
}

#[cfg(debug_assertions)]
mod armed {
    use std::{
        collections::HashMap,
        env,
        fs::{File, OpenOptions},
        io::Write,
        sync::{LazyLock, Mutex, PoisonError},
    };

    struct Armed {
        deadly: Option<String>,
        log: Option<File>,
        passed: Mutex<HashMap<String, usize>>,
    }

    /// One for the process, as its death is.
    static ARMED: LazyLock<Armed> = LazyLock::new(|| Armed {
        deadly: env::var("CODEGRAPH_TEST_FAILPOINT").ok(),
        log: env::var_os("CODEGRAPH_TEST_FAILPOINT_LOG")
            .and_then(|path| OpenOptions::new().create(true).append(true).open(path).ok()),
        passed: Mutex::default(),
    });

    pub(super) fn pass(moment: &str, what: &str) {
        if ARMED.deadly.is_none() && ARMED.log.is_none() {
            return;
        }
        let place = format!("{moment} {what}");
        let mut passed = ARMED.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let times = passed.entry(place.clone()).or_default();
        *times += 1;
        let place = format!("{place}:{times}");
        if let Some(mut log) = ARMED.log.as_ref() {
            // A test that finds no line fails by itself.
            drop(writeln!(log, "{place}"));
        }
        if ARMED.deadly.as_deref() == Some(&place) {
            // As from outside: nothing is flushed, nothing is told to anybody.
            let _ = rustix::process::kill_process(
                rustix::process::getpid(),
                rustix::process::Signal::KILL,
            );
            loop {
                std::thread::park();
            }
        }
    }
}
