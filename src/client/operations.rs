//! The operations that commands use, by the names the API's document gives them. A test holds each against it.

use reqwest::Method;

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operation {
    method: &'static str,
    /// With `{}` for every id.
    path: &'static str,
}

impl Operation {
    /// Its method.
    pub(super) fn method(&self) -> Method {
        Method::from_bytes(self.method.as_bytes()).unwrap_or(Method::GET)
    }

    /// Where it is, with these ids in their places.
    pub(super) fn path(&self, ids: &[&str]) -> String {
        let mut path = self.path.to_owned();
        for id in ids {
            path = path.replacen("{}", id, 1);
        }
        path
    }
}

macro_rules! operations {
    ($($name:ident = $id:literal $method:literal $path:literal;)*) => {
        $(pub(super) const $name: Operation = Operation {
            method: $method,
            path: concat!("/api/v1", $path),
        };)*

        #[cfg(test)]
        const ALL: &[(&str, Operation)] = &[$(($id, $name)),*];
    };
}

operations! {
    LOGIN = "login" "POST" "/auth/login";
    LOGOUT = "logout" "POST" "/auth/logout";
    REFRESH = "refresh" "POST" "/auth/refresh";
    ME = "getMe" "GET" "/auth/me";
    SEARCH = "search" "GET" "/search";
    CREATE_TASK = "createTask" "POST" "/tasks";
    LIST_TASKS = "listTasks" "GET" "/tasks";
    GET_TASK = "getTask" "GET" "/tasks/{}";
    LIST_TASK_RUNS = "listTaskRuns" "GET" "/tasks/{}/runs";
    GET_RUN = "getRun" "GET" "/runs/{}";
    LIST_RUN_EVENTS = "listRunEvents" "GET" "/runs/{}/events";
    LIST_PLANS = "listPlans" "GET" "/runs/{}/plans";
    DECIDE_PLAN = "decidePlan" "POST" "/runs/{}/plans/{}/decision";
    DECIDE_DELIVERY = "decideDelivery" "POST" "/runs/{}/delivery";
    ANSWER_RUN = "answerRun" "POST" "/runs/{}/answer";
    SEND_MESSAGE = "sendMessage" "POST" "/runs/{}/messages";
    RAISE_BUDGET = "raiseBudget" "POST" "/runs/{}/budget";
    CANCEL_RUN = "cancelRun" "POST" "/runs/{}/cancel";
    PAUSE_RUN = "pauseRun" "POST" "/runs/{}/pause";
    RESUME_RUN = "resumeRun" "POST" "/runs/{}/resume";
    RETRY_RUN = "retryRun" "POST" "/runs/{}/retry";
    FORK_RUN = "forkRun" "POST" "/runs/{}/fork";
    LIST_APPROVALS = "listApprovals" "GET" "/approvals";
    STREAM = "stream" "GET" "/stream";
    LIST_REPOSITORIES = "listRepositories" "GET" "/repositories";
    CREATE_REPOSITORY = "createRepository" "POST" "/repositories";
    CREATE_SAMPLE = "createSampleRepository" "POST" "/repositories/sample";
    LIST_TOKENS = "listTokens" "GET" "/tokens";
    CREATE_TOKEN = "createToken" "POST" "/tokens";
    REVOKE_TOKEN = "revokeToken" "DELETE" "/tokens/{}";
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_operation_is_in_the_document_under_its_name() {
        let document: Value = serde_json::from_str(&crate::api::spec()).unwrap();
        let bare = |path: &str| {
            let parts = path.split('/');
            let parts = parts.map(|part| if part.starts_with('{') { "{}" } else { part });
            parts.collect::<Vec<_>>().join("/")
        };
        for (id, wanted) in ALL {
            let paths = document["paths"].as_object().unwrap();
            let found = paths.iter().find(|(path, item)| {
                bare(path) == wanted.path && item.get(wanted.method.to_lowercase()).is_some()
            });
            let (_, item) = found.unwrap_or_else(|| panic!("{wanted:?} is not in the document"));
            assert_eq!(item[wanted.method.to_lowercase()]["operationId"], *id);
        }
    }

    #[test]
    fn ids_stand_in_their_places() {
        assert_eq!(
            DECIDE_PLAN.path(&["run_1", "2"]),
            "/api/v1/runs/run_1/plans/2/decision"
        );
    }
}
