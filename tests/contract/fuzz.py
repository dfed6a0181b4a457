"""schemathesis against a server with work in it: all its checks, on every operation."""

import subprocess
import sys
from pathlib import Path

# 400 is for what does not match the document, so a body that does must not get it; 422 is for what matches and makes
# no sense all the same (a cursor of another list, an address that leads nowhere).
CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "412", "422", "503"]

[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "412", "415", "422"]
"""

# What these fuzzers would take away from the others: the ids they all work with, and the token. They have their turn at
# the end, on things that nobody else needs. Only sequences with other operations are not tried: these would find the
# token in a list, and revoke it.
DESTROYERS = ["deleteTask", "deleteRepository", "revokeToken", "updateUser"]

# It has no end: what arrives in so many seconds is looked at. Not so often that the streams of one person become too many:
# one that its reader has left is found out with the next comments. Its frames are not held against the document here: that
# says what stands in `data`, and schemathesis takes it for the message around that; tests/it/api/stream.rs does. No
# sequences: none of its answers names anything.
STREAM = "stream"
LISTENED = 1
PACE = "30/m"
UNFIT = "response_schema_conformance"


def pinned(ids):
    """The configuration with an id for each of these paths."""
    there = [
        f'[[operations]]\ninclude-path-regex = "^/api/v1/{place}/"\nparameters = {{ "path.{name}" = "{value}" }}\n'
        for place, name, value in ids
    ]
    return "\n".join([CONFIG, *there])


def run(server, folder, seconds):
    config = Path(folder) / "schemathesis.toml"
    token = server.post("/api/v1/tokens", {"name": "fuzzer", "scope": "admin"})["secret"]
    # Now: logins do not outlive the fuzzers.
    doomed = server.doomed()

    def schemathesis(ids, phases, *arguments, timeout=30):
        config.write_text(pinned(ids))
        program = [str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(config), "run"]
        common = ["-H", f"Authorization: Bearer {token}", "-c", "all", "--request-timeout", str(timeout)]
        command = [*program, f"{server.url}/openapi.json", *common, "--phases", phases, *arguments]
        return subprocess.run(command, cwd=folder).returncode == 0

    def named(option, *operations):
        return [part for name in operations for part in (option, name)]

    known = [(place, "id", value) for place, value in server.ids.items()]
    others = named("--exclude-operation-id", STREAM, *DESTROYERS)
    alone = "examples,coverage,fuzzing"
    return all([
        schemathesis(known, f"{alone},stateful", "--max-time", str(seconds), *others),
        schemathesis(known, alone, "--max-time", str(seconds), "--rate-limit", PACE, "--exclude-checks", UNFIT,
                     *named("--include-operation-id", STREAM), timeout=LISTENED),
        schemathesis(doomed, alone, "--max-time", str(seconds), *named("--include-operation-id", *DESTROYERS)),
    ])
