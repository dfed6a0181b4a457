"""What is measured of the engine, in floods and alone."""

import random
import statistics
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from figures import Row, percentile, spread
from processes import Child, Failed, poll, wait_for

STEPS = 10  # of a noop run


@dataclass
class Flood:
    """What a flood of noop runs took, a step."""

    rate: float
    commits: float
    wal: float
    worker_ms: float
    postgres_ms: float

    @property
    def cpu_ms(self):
        return self.worker_ms + self.postgres_ms


def flood(database, count, places=32):
    """From the start of a worker to the end of the last of `count` runs that wait for it."""
    cluster, steps = database.cluster, count * STEPS
    # None in the middle: the next one, and its full pages, come minutes later.
    cluster.sql("checkpoint")
    database.enqueue("noop", count)
    commits, wal, cpu = cluster.commits(database.name), cluster.wal(), cluster.cpu()
    with database.worker(conc=places, n=count) as worker:
        done = worker.expect("done", 60 + steps / 200)
        worker_ms, postgres_ms = worker.cpu(), cluster.cpu() - cpu
        wal = cluster.wal() - wal
    time.sleep(0.3)  # sessions that end report what they did
    commits = cluster.commits(database.name) - commits
    database.settle()
    if worker.seen("extra"):
        raise Failed("a run ended twice")
    return Flood(
        rate=steps / (done["t1"] - done["t0"]), commits=commits / steps, wal=wal / steps,
        worker_ms=worker_ms / steps, postgres_ms=postgres_ms / steps,
    )


def noop(bench):
    yield from noop_at_32(bench)
    for places in bench.pick(quick=[], usual=[1, 8, 64]):
        count = bench.pick(quick=0, usual=1000 if places == 1 else 3000)
        result, commits_s, _ = bench.beside.around(lambda: flood(bench.main, count, places))
        yield Row(f"noop, {places} connections", result.rate, "steps/s",
                  note=f"{result.rate / commits_s:.2f} of pgbench at 32, {result.commits:.2f} commits, "
                       f"{result.wal:.0f} B, {result.cpu_ms:.3f} ms a step")


def noop_at_32(bench):
    rounds = []
    for _ in range(bench.pick(quick=1, usual=3)):
        result, commits_s, _ = bench.beside.around(lambda: flood(bench.main, bench.pick(quick=3000, usual=5000)))
        rounds.append((result, result.rate / commits_s))
    middle = lambda value: statistics.median(value(result) for result, _ in rounds)
    rate = middle(lambda flood: flood.rate)
    yield Row("noop, 32 connections", rate, "steps/s", least=4000,
              note=spread([result.rate for result, _ in rounds], digits=0))
    ratios = [ratio for _, ratio in rounds]
    yield Row("  beside pgbench's commits, 32", rate, "steps/s", ratio=statistics.median(ratios), least=0.35, goal=1.0,
              note=spread(ratios))
    yield Row("  commits a step", middle(lambda flood: flood.commits), most=1.1, goal=0.2)
    yield Row("  WAL a step", middle(lambda flood: flood.wal), "B", most=400)
    yield Row("  processor a step", middle(lambda flood: flood.cpu_ms), "ms", most=0.35, goal=0.15,
              note=f"worker {middle(lambda flood: flood.worker_ms):.3f}"
                   f" + Postgres {middle(lambda flood: flood.postgres_ms):.3f}")


def seq(bench):
    """One run after the other, with a second of single commits before and after each."""
    single = lambda: statistics.median(bench.beside.pgbench(1, 1)[1])
    flows, commits = [], [single()]
    with bench.main.worker() as worker:
        for flow in range(bench.pick(quick=7, usual=21)):
            bench.main.enqueue("seq", 1)
            flows.append(worker.expect("seq", 60, flow + 1)["d"])
            commits.append(single())
    ratios = [statistics.median(flow) / statistics.mean(commits[n : n + 2]) for n, flow in enumerate(flows)]
    between = sum(flows, [])
    yield Row("seq p50, beside one commit", statistics.median(between), "ms", ratio=statistics.median(ratios), most=2.3,
              goal=1.2, note=f"{spread(ratios)}; one commit: {statistics.median(commits):.3f} ms")
    yield Row("seq p99", percentile(between, 0.99), "ms")


def lat(bench):
    submits = bench.pick(quick=100, usual=200)

    def submit():
        with bench.main.worker() as worker:
            time.sleep(1)
            bench.main.enqueue("lat", submits, timeout=submits)
            worker.expect("lat", 30, submits)
        return [event["d"] for event in worker.seen("lat")]

    took, _, _ = bench.beside.around(submit)
    # A disk and a processor that doze between two commits take longer over each than in a flood.
    _, paced = bench.beside.pgbench(1, bench.pick(quick=15, usual=30), "-R", 4)
    slow = percentile(paced, 0.99)
    yield Row("lat p50", statistics.median(took), "ms", most=3.5, goal=2,
              note=f"pgbench at that pace, one commit: p50 {statistics.median(paced):.2f} ms, p99 {slow:.1f} ms")
    late = Row("lat p99", percentile(took, 0.99), "ms", most=12, note=f"longest {max(took):.1f} ms in {len(took)}")
    # A submit is two commits: where two such single ones take longer than the bar, it says nothing about us.
    if late.verdict == "MISSED" and 2 * slow > late.most:
        late.verdict = "unclear"
    yield late


def crash(bench):
    rounds = bench.pick(quick=4, usual=10)
    for late, what in ((False, "crash, standby waiting"), (True, "crash, standby came later")):
        taken = [take_over(bench, late) for _ in range(rounds)]
        took = [seconds for seconds, _ in taken]
        yield Row(f"{what}, slowest", max(took), "s", most=1, goal=0.3,
                  note=f"p50 {statistics.median(took):.2f} s in {rounds}")
        yield Row("  times step a ran", max(ran for _, ran in taken), most=1)
    bench.main.settle()


def take_over(bench, late):
    """Seconds from the death of a worker in step b to its beginning anew, and how often step a ran."""
    database, mark = bench.main, bench.beside.directory / f"mark-{random.getrandbits(64):x}"
    with ExitStack() as stack:
        start = lambda: stack.enter_context(unstopped(database, mark))
        workers = [start()] if late else [start(), start()]
        time.sleep(0 if late else 1)
        database.enqueue("crash", 1)
        holds = lambda worker: any(event["first"] for event in worker.seen("b"))
        wait_for(lambda: any(map(holds, workers)), 30, "step b", *workers)
        holder = next(filter(holds, workers))
        if late:
            workers.append(start())
        standby = next(worker for worker in workers if worker is not holder)
        time.sleep(random.uniform(0.5, 1.5))
        killed = time.time()
        holder.process.kill()
        again = standby.expect("b", 60)
        database.settle()
        return again["t"] - killed, sum(len(worker.seen("a")) for worker in workers)


@contextmanager
def unstopped(database, mark, **settings):
    child = Child("worker", env=database.env(mark=mark, **settings))
    try:
        child.expect("ready", 30)
        yield child
    finally:
        child.kill()


def long(bench):
    runs, lease = 8, 1
    with bench.main.worker(lease=lease) as worker:
        bench.main.enqueue("long", runs)
        worker.expect("long", 30, runs)
        with bench.main.worker(lease=lease) as standby:
            bench.main.settle()
            time.sleep(lease)
            begun = len(worker.seen("long")) + len(standby.seen("long"))
    if begun < runs:
        raise Failed(f"only {begun} of {runs} steps ran")
    yield Row("steps of three leases, times each ran", begun / runs, most=1, note=f"{runs} of them")


def idle(bench):
    with ExitStack() as stack:
        stack.enter_context(bench.cluster.without_autovacuum())
        database = stack.enter_context(bench.cluster.database("idle"))
        worker = stack.enter_context(database.worker(lanes="all"))
        window = bench.pick(quick=30, usual=60)
        time.sleep(12)
        empty = worker.rss()
        yield Row("idle worker, four lanes", empty, "MB", most=20)
        yield Row("  transactions, nothing there", commits_a_second(database, window), "/s", most=1, goal=0.2)
        parked = 10_000
        database.enqueue("park", parked)
        waiting = "select count(*) from run_heads where state = 'waiting'"
        poll("10,000 parked runs", 300, lambda: database.number(waiting) == parked)
        time.sleep(12)
        yield Row("  more with 10,000 parked runs", worker.rss() - empty, "MB", most=5)
        yield Row("  transactions, 10,000 parked", commits_a_second(database, window), "/s", most=1, goal=0.2)


def commits_a_second(database, window):
    """Read from another database, so that the reading does not count."""
    before = database.cluster.commits(database.name)
    time.sleep(window)
    return (database.cluster.commits(database.name) - before) / window
