"""What time does to a database: finished runs, and rows that may not go."""

import math
import statistics
import time

from engine import STEPS, flood
from figures import Row, spread

KEPT = ("runs", "steps", "events")  # the tables in which a finished run stays


def growth(bench):
    stages = [(100_000, 0.97)] + ([(1_000_000, 0.95)] if bench.options.full else [])
    # The empty database never lives to see a vacuum; the full one would pay for those of all turns before.
    with bench.cluster.without_autovacuum(), bench.cluster.database("full") as full:
        flood(full, 1)
        for finished, least in stages:
            fill(full, finished)
            yield from grown(bench, full, finished, least)


def grown(bench, full, finished, least):
    """Floods of the empty and the full database in turns: the moment's noise hits both. As many turns as it
    takes to know on which side of the bar the ratio lies, within reason."""
    count, pairs, clear = bench.pick(quick=3000, usual=5000), [], False
    end = time.monotonic() + bench.pick(quick=120, usual=400)
    while len(pairs) < 3 or time.monotonic() < end and len(pairs) < 25:
        full.sql("vacuum (analyze)", timeout=600)
        with bench.cluster.database("empty") as empty:
            # Who goes first changes, for there is always something warming up or slowing down.
            order = [full, empty] if len(pairs) % 2 else [empty, full]
            floods = {database.name: flood(database, count) for database in order}
            pairs.append((floods[full.name], floods[empty.name]))
            if len(pairs) == 1 and finished == 100_000:
                yield from stored(empty, count)
        ratios = [a.rate / b.rate for a, b in pairs]
        clear = known(ratios, least)
        if clear and len(pairs) >= bench.pick(quick=5, usual=9):
            break
    cpu = statistics.median(a.cpu_ms / b.cpu_ms for a, b in pairs)
    row = Row(f"noop with {finished:,} finished runs", statistics.median(a.rate for a, _ in pairs), "steps/s",
              ratio=statistics.median(ratios), least=least,
              note=f"{spread(ratios)}; processor a step {cpu:.3f} of empty")
    if not clear:
        row.verdict = "unclear"
    yield row


def held(bench):
    """A session that stays in its transaction keeps every row that changes: as many steps as 500 a second make in half
    an hour, beside a database whose dead rows may go."""
    floods, rates = bench.pick(quick=4, usual=18), {"held": [], "free": []}
    with bench.cluster.database("held") as held, bench.cluster.database("free") as free, held.transaction():
        for turn in range(floods):
            for database, suffix in [(held, "held"), (free, "free")][:: 1 if turn % 2 else -1]:
                rates[suffix].append(flood(database, 5000).rate)
        steps, dead = floods * 5000 * STEPS, held.number("select sum(n_dead_tup) from pg_stat_user_tables")
    ratios = [a / b for a, b in zip(rates["held"], rates["free"])]
    late = ratios[-max(3, len(ratios) // 3) :]
    yield Row(f"noop after {steps:,} steps beside an open transaction", statistics.median(rates["held"][-len(late) :]),
              "steps/s", ratio=statistics.median(late), least=0.7, note=f"{spread(late)}; {dead:,.0f} dead rows")


def known(ratios, bar):
    """Whether the median lies clearly on one side of the bar: a sign test, at about 98 in 100."""
    ratios, half = sorted(ratios), len(ratios) / 2
    reach = 1.2 * math.sqrt(len(ratios))
    low, high = ratios[max(0, math.floor(half - reach))], ratios[min(len(ratios) - 1, math.ceil(half + reach) - 1)]
    return not low < bar <= high


def stored(database, runs):
    """Bytes of really finished runs, indexes included."""
    database.sql("vacuum")
    size = lambda tables: database.number(f"select sum(pg_total_relation_size(t::regclass)) from unnest(array{tables}) t")
    yield Row("bytes per finished run of 10 steps", size(list(KEPT)) / runs, "B", most=2500)


def fill(database, finished):
    """Copies of the one run that really finished, under ids in the order of time, as theirs are."""
    there = int(database.number("select count(*) from runs"))
    columns = lambda table, key: database.sql(
        "select string_agg(quote_ident(column_name), ', ' order by ordinal_position) from information_schema.columns"
        f" where table_schema = 'public' and table_name = '{table}' and column_name <> '{key}' and is_generated = 'NEVER'")
    of_run, of_step = columns("runs", "id"), columns("steps", "run_id")
    part = 50_000
    for start in range(there, finished, part):
        count = min(part, finished - start)
        database.sql(f"""
            with ids as materialized (
                select (lpad(to_hex((extract(epoch from now()) * 1000)::bigint - {finished} + {start} + n), 12, '0') || '7'
                        || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid as id
                from generate_series(1, {count}) n
            ), model as (select * from runs order by id limit 1
            ), new_runs as (
                insert into runs (id, {of_run}) select i.new_id, {of_run} from model, ids i(new_id)
            )
            insert into steps (run_id, {of_step}) select i.id, {of_step}
            from ids i cross join steps s where s.run_id = (select id from model) order by i.id, s.seq
        """, timeout=300)
    database.sql("vacuum (analyze)", timeout=600)
