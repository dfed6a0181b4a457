//! The embedded pgvector is compiled for newer processors; on an older one its first use would
//! end the server with an illegal instruction.

use crate::config::Config;

use super::report::Finding;

pub(super) fn check(config: &Config) -> Finding {
    judge(config.database.url.is_none(), &missing())
}

fn judge(embedded: bool, missing: &[&str]) -> Finding {
    if missing.is_empty() {
        return Finding::ok("cpu", "runs the embedded pgvector");
    }
    let lacks = format!("lacks {}", missing.join(", "));
    if !embedded {
        return Finding::ok(
            "cpu",
            format!("{lacks}; of no account with a server of your own"),
        );
    }
    Finding::warn("cpu", format!("{lacks}, which the embedded pgvector needs"))
        .detail("a portable build of pgvector is fetched and loaded instead")
        .remedy("without a network: set CODEGRAPH_DATABASE_URL to a server with pgvector")
}

#[cfg(target_arch = "x86_64")]
fn missing() -> Vec<&'static str> {
    let features = [
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("fma", std::arch::is_x86_feature_detected!("fma")),
        ("bmi2", std::arch::is_x86_feature_detected!("bmi2")),
    ];
    features
        .into_iter()
        .filter(|(_, present)| !present)
        .map(|(name, _)| name)
        .collect()
}

#[cfg(target_arch = "aarch64")]
fn missing() -> Vec<&'static str> {
    if std::arch::is_aarch64_feature_detected!("sve") {
        vec![]
    } else {
        vec!["sve"]
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn missing() -> Vec<&'static str> {
    vec![]
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::judge;

    #[test]
    fn an_old_processor_matters_only_to_the_embedded_server() {
        assert_eq!(judge(true, &[]).status, Status::Ok);
        assert_eq!(judge(false, &["avx2"]).status, Status::Ok);
        let finding = judge(true, &["avx2", "bmi2"]);
        assert_eq!(finding.status, Status::Warn);
        assert!(finding.summary.starts_with("lacks avx2, bmi2"));
    }
}
