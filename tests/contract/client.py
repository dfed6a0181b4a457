"""What a program does with the client that openapi-python-client makes of the document: sign in, connect a repository,
give a task, follow it, read what came of it. Arguments: the server's address, the password of ada@example.org, and the path of a repository."""

import json
import sys
import uuid

from codegraph_client import AuthenticatedClient, Client
from codegraph_client.api.auth import login
from codegraph_client.api.repositories import create_repository
from codegraph_client.api.runs import get_checks, get_diff, get_run
from codegraph_client.api.tasks import create_task
from codegraph_client.models import (
    Checks,
    Login,
    NewRepository,
    NewTask,
    NewTaskOptions,
    Problem,
    Repository,
    Run,
    RunDiff,
    SignedInView,
    Status,
    Task,
)


def follow(client: AuthenticatedClient, run: str) -> list[int]:
    """The client knows the frames but reads answers as a whole, so the stream is read with what it is built on."""
    seen: list[int] = []
    with client.get_httpx_client().stream("GET", "/api/v1/stream", params={"run": run, "after": 0}, timeout=60) as answer:
        for line in answer.iter_lines():
            if not line.startswith("data:"):
                continue
            frame = json.loads(line.removeprefix("data:"))
            if frame["type"] == "run_event":
                seen.append(frame["event"]["seq"])
            if frame["type"] == "end":
                return seen
    raise AssertionError("the stream ended before the run")


def main(url: str, password: str, path: str) -> None:
    anybody = Client(base_url=url)
    wrong = login.sync(client=anybody, body=Login(email="ada@example.org", password="another one"))
    assert isinstance(wrong, Problem) and wrong.status == 401, wrong
    session = login.sync(client=anybody, body=Login(email="ada@example.org", password=password))
    assert isinstance(session, SignedInView) and isinstance(session.access_token, str), session
    client = AuthenticatedClient(base_url=url, token=session.access_token)

    repository = create_repository.sync(client=client, body=NewRepository(url=path))
    assert isinstance(repository, Repository), repository
    wanted = NewTask(
        repository_id=repository.id,
        title="The same bolts were sold twice",
        options=NewTaskOptions(approve_plan=False),
    )
    task = create_task.sync(client=client, body=wanted, idempotency_key=f"python-{uuid.uuid4()}")
    assert isinstance(task, Task) and task.latest_run, task
    run = task.latest_run.id

    seen = follow(client, run)
    assert seen == list(range(1, len(seen) + 1)), f"events are missing or came twice: {seen}"
    ended = get_run.sync(client=client, id=run)
    assert isinstance(ended, Run) and ended.status is Status.SUCCEEDED and ended.branch, ended
    diff, checks = get_diff.sync(client=client, id=run), get_checks.sync(client=client, id=run)
    assert isinstance(diff, RunDiff) and diff.files, diff
    assert isinstance(checks, Checks) and checks.evidence, checks
    print(f"Python: {len(seen)} events, {len(diff.files)} files changed, on {ended.branch}")


main(*sys.argv[1:])
