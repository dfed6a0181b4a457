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

# What these fuzzers would take away from the others: the ids they all work with, and the token.
DESTROYERS = ["deleteTask", "deleteRepository", "revokeToken", "updateUser"]


def run(server, folder, seconds):
    lines = [CONFIG]
    for place, value in server.ids.items():
        there = f"^/api/v1/{place}/"
        lines.append(f'[[operations]]\ninclude-path-regex = "{there}"\nparameters = {{ "path.id" = "{value}" }}\n')
    config = Path(folder) / "schemathesis.toml"
    config.write_text("\n".join(lines))
    token = server.post("/api/v1/tokens", {"name": "fuzzer", "scope": "admin"})["secret"]

    def schemathesis(*arguments):
        program = [str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(config), "run"]
        common = ["-H", f"Authorization: Bearer {token}", "-c", "all", "--request-timeout", "30"]
        command = [*program, f"{server.url}/openapi.json", *common, *arguments]
        return subprocess.run(command, cwd=folder).returncode == 0

    # The stream has no end, so nothing that reads whole answers can look at it.
    others = [part for name in ["stream", *DESTROYERS] for part in ("--exclude-operation-id", name)]
    destroyers = [part for name in DESTROYERS for part in ("--include-operation-id", name)]
    passed = schemathesis("--phases", "examples,coverage,fuzzing,stateful", "--max-time", str(seconds), *others)
    # Without the ids of what there is.
    config.write_text(CONFIG)
    return schemathesis("--phases", "examples,coverage", *destroyers) and passed
