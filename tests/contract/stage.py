"""A server for the contract suite: `codegraph up` on a home of its own, with people and work in it."""

import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery staple"


class Server:
    """A running server; `with Server(binary) as server:` ends it."""

    def __init__(self, binary):
        self.home = tempfile.TemporaryDirectory(prefix="codegraph-contract-")
        # Of root, Postgres runs under another account, which must be able to pass.
        os.chmod(self.home.name, 0o755)
        # The script speaks in the models' place; limits would refuse what a fuzzer sends.
        env = {name: value for name, value in os.environ.items() if "CODEGRAPH" not in name}
        env |= {
            "CODEGRAPH_HOME": str(Path(self.home.name) / "home"),
            "CODEGRAPH_LISTEN": "127.0.0.1:0",
            "CODEGRAPH_SCRIPT": str(ROOT / "assets/demo/scenario.yaml"),
            "CODEGRAPH_SIGN_INS_PER_MINUTE": "0",
            "CODEGRAPH_WRITES_PER_MINUTE": "0",
            "CODEGRAPH_LOG_FORMAT": "json",
        }
        self.process = subprocess.Popen(
            [binary, "up"], env=env, cwd=self.home.name, stderr=subprocess.PIPE, text=True
        )
        self.lines = []
        self.url, code = self._until_up()
        # What it says from here on is looked at when it has ended.
        threading.Thread(target=lambda: self.lines.extend(self.process.stderr), daemon=True).start()
        admin = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD, "code": code}
        self.token = self.post("/api/v1/auth/setup", admin)["access_token"]

    def _until_up(self):
        url = None
        for line in self.process.stderr:
            self.lines.append(line)
            if found := re.search(r"is up: (http://[0-9.:]+)", line):
                url = found[1]
            if found := re.search(r"setup code is ([A-Z0-9-]+)", line):
                return url, found[1]
        raise RuntimeError("the server ended before it was up:\n" + "".join(self.lines))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.home.cleanup()

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"} if data else {}
        if getattr(self, "token", None):
            headers["authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body):
        return self.call("POST", path, body)

    def seed(self):
        """A repository with one task that was done and one that waits for somebody; `ids` has one of each, by path."""
        repository = self.post("/api/v1/repositories/sample", {})["id"]
        task = {"repository_id": repository, "title": "The same bolts were sold twice"}
        done = self.post("/api/v1/tasks", {**task, "options": {"approve_plan": False}})
        waiting = self.post("/api/v1/tasks", task)
        self.until(done["latest_run"]["id"], "succeeded")
        self.until(waiting["latest_run"]["id"], "awaiting_plan")
        run = done["latest_run"]["id"]
        agent = self.get(f"/api/v1/runs/{run}/steps")["items"][0]["agent_runs"][0]["id"]
        self.ids = {"repositories": repository, "tasks": done["id"], "runs": run, "agent-runs": agent}

    def doomed(self):
        """What may be taken away, by path and by the name of its id there."""
        repository = self.post("/api/v1/repositories", {"url": self.repository("doomed")})["id"]
        task = self.post("/api/v1/tasks", {"repository_id": self.ids["repositories"], "title": "Never begun", "start": False})
        invitation = self.post("/api/v1/invitations", {"email": "eve@example.org", "role": "member"})
        eve = {"email": "eve@example.org", "name": "Eve", "password": PASSWORD, "invitation": invitation["token"]}
        user = self.post("/api/v1/auth/register", eve)["user"]["id"]
        token = self.post("/api/v1/tokens", {"name": "doomed", "scope": "read"})["token"]["id"]
        return [
            ("repositories", "id", repository), ("tasks", "id", task["id"]),
            ("users", "user_id", user), ("tokens", "token_id", token),
        ]

    def repository(self, name):
        """The path of a repository of its own, a copy of the sample."""
        sample = next(Path(self.home.name).glob("home/samples/*/inventory"))
        copy = Path(self.home.name) / name
        subprocess.run(["git", "clone", "--quiet", sample, copy], check=True)
        return str(copy)

    def until(self, run, status):
        for _ in range(600):
            row = self.get(f"/api/v1/runs/{run}")
            if row["status"] == status:
                return
            assert row["status"] != "failed", row
            time.sleep(0.1)
        raise RuntimeError(f"{run} did not become {status}: {row}")
