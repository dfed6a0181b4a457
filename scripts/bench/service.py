"""The HTTP API on an installation with a past."""

import json
import socket
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from figures import Row
from processes import Child, LOAD, ROOT, SERVER, poll, run


def http(bench):
    """The API on an installation with a past: what each list and page takes, and many callers at once."""
    tasks = bench.pick(quick=10_000, usual=100_000)
    with ExitStack() as stack:
        database = stack.enter_context(bench.cluster.database("http"))
        psql, script = bench.cluster.program("psql"), ROOT / "examples/load/fill.sql"
        run(psql, bench.cluster.url(database.name), "-qX", "-v", "ON_ERROR_STOP=1", "-v", f"tasks={tasks}", "-f", script,
            timeout=1800)
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="codegraph-bench-")))
        sample = place / "sample.json"
        sample.write_text(json.dumps(things(database)))
        server, url = serve(database, place)
        stack.callback(server.kill)
        wait_for_http(url)
        time.sleep(5)
        yield Row("idle server", server.rss(), "MB", most=60)
        yield from reads(url, sample)
        yield from crowd(bench, database, url, sample, place)
        yield Row("server after all that", server.rss(), "MB")


def things(database):
    """Some of everything, from anywhere in the tables, by the names that the API gives them."""
    lines = lambda query: database.sql(query).splitlines()
    some = lambda table, prefix, count, where="true": lines(
        f"select '{prefix}_' || replace(id::text, '-', '') from {table} where {where} order by md5(id::text) limit {count}")
    return {
        "task": some("tasks", "task", 500), "run": some("runs", "run", 500),
        "repository": some("repositories", "repo", 50),
        "cursor": lines("select 'c' || encode(id::text::bytea, 'hex') from tasks order by md5(id::text) limit 200"),
        "word": lines("select substr(title, length(title) - 7) from tasks order by md5(id::text) limit 500"),
    }


class Server(Child):
    """The program as it ships."""

    def __init__(self, database, place, port):
        quiet = {"CODEGRAPH_DATABASE_URL": database.cluster.url(database.name), "CODEGRAPH_LISTEN": f"127.0.0.1:{port}",
                 "CODEGRAPH_HOME": str(place / "home"), "CODEGRAPH_LOG": "warn"}
        super().__init__("serve", env=quiet, program=SERVER)


def serve(database, place):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return Server(database, place, port), f"http://127.0.0.1:{port}"


def wait_for_http(url):
    def up():
        try:
            return urllib.request.urlopen(f"{url}/readyz", timeout=2).status == 200
        except OSError:
            return False

    poll("the server", 60, up)


def reads(url, sample):
    said = [json.loads(line) for line in run(LOAD, "read", url, sample, timeout=1800).splitlines()]
    for event in said:
        alone = event["callers"] == 1
        # Figures read every run of a month; lists and pages do not.
        bound = alone and not event["what"].startswith("figures")
        yield Row(f"{event['what']}{'' if alone else ', 8 callers'}", event["p99"], "ms", most=20 if bound else None,
                  note=f"p50 {event['p50']:.1f} ms, longest {event['max']:.1f} ms in {event['n']}")


def crowd(bench, database, url, sample, place):
    """200 reads a second and 50 open streams, half of them on another node, beside 20 tasks at work."""
    of = "select string_agg(id::text, ',') from (select id from tasks order by id desc limit 20) t"
    node, other = serve(database, place / "other")
    worker = Child("work", 20, env={"PG_URL": database.cluster.url(database.name), "LOAD_TASKS": database.sql(of)}, program=LOAD)
    try:
        wait_for_http(other)
        worker.expect("run", 60, 20)
        crowded = json.loads(sample.read_text()) | {"living": [event["id"] for event in worker.seen("run")]}
        sample.write_text(json.dumps(crowded))
        seconds = bench.pick(quick=10, usual=30)
        event = json.loads(run(LOAD, "crowd", url, other, sample, seconds, timeout=seconds + 60))
    finally:
        worker.kill()
        node.kill()
    yield Row("crowd, errors", event["errors"], most=0, note=event["first"] or f"{event['reads']} reads")
    yield Row("crowd, reads p99", event["p99"], "ms", note=f"p50 {event['p50']:.1f} ms, longest {event['max']:.1f} ms")
    yield Row("crowd, streams that heard", event["heard"], least=event["streams"], note=f"{event['frames']} frames")
    # A figure that could not be had comes as nothing.
    middle, late = (float("nan") if event[name] is None else event[name] for name in ("late_p50", "late_p99"))
    yield Row("journaled to heard, p99", late, "ms", most=100,
              note=f"p50 {middle:.1f} ms of {event['events']} events on two nodes")
