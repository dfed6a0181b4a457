import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react'
import { listStepsOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Run } from '@/api/generated/types.gen'
import { Empty } from '@/components/empty'
import { ProblemCard } from '@/components/problem-card'
import { hasEnded } from '@/components/states'
import { Button } from '@/components/ui/button'
import { SkeletonRows } from '@/components/ui/skeleton'
import { useKeys } from '@/components/use-keys'
import { VirtualLog } from '@/components/virtual-log'
import type { TaskSearch } from '@/lib/searches'
import { prefer, usePreferences } from '@/stores/preferences'
import { Composer } from './composer'
import { EventFilters } from './event-filters'
import { EventRow } from './event-row'
import { filterRows, nextError, rowsOf } from './rows'
import { Speaking } from './speaking'
import { StepTimeline } from './step-timeline'
import { useFeed } from './use-feed'

const ForkDialog = lazy(() => import('./fork-dialog'))

interface ActivityTabProps {
  run: Run
  search: TaskSearch
  onSearch: (change: TaskSearch) => void
}

/** What happens in a run: its steps on a scale of time, every event, and a word to the agent. */
export default function ActivityTab({ run, search, onSearch }: ActivityTabProps) {
  const { kind, errors, q } = search
  // One kind is asked for by itself; several are taken out of everything.
  const alone = kind?.length === 1 ? kind[0] : undefined
  const { feed, view, state } = useFeed(run.id, alone)
  const steps = useQuery(listStepsOptions({ path: { id: run.id } }))
  const follow = usePreferences(({ follow }) => follow)
  const [stay, setStay] = useState(search.e !== undefined)
  const [forkAt, setForkAt] = useState<number>()
  const step = search.step === undefined ? undefined : Number.parseInt(search.step, 10)
  const rows = useMemo(() => rowsOf(view.events), [view])
  const shown = useMemo(() => filterRows(rows, { kind, errors, q, step }), [rows, kind, errors, q, step])
  // What is linked to may not be here yet.
  const reached = search.e !== undefined && (!state.older || (view.events[0]?.seq ?? 0) <= search.e)
  const target = reached ? shown.findIndex(({ seq }) => seq >= (search.e ?? 0)) : undefined
  // Of an event that is one line with others, that line.
  const chosen = target === undefined ? undefined : shown[target]?.seq
  const thinned = shown.length < rows.length
  const filtered = thinned || alone !== undefined

  // An agent is at work in a step that the list of steps did not have yet when it was read.
  const begun = view.events.findLast(({ type }) => type === 'model_call' || type === 'tool_call')?.step_no ?? 0
  const known = steps.data?.items.at(-1)?.step_no
  const { refetch } = steps
  useEffect(() => {
    if (known !== undefined && begun > known) void refetch()
  }, [begun, known, refetch])

  // A link to an event of long ago, and a search that finds little, read back until there is enough to show.
  const want = search.e
  const scarce = thinned && shown.length < 60
  const { older, loading, loadingOlder, error } = state
  useEffect(() => {
    if (loading || loadingOlder || error || !older) return
    if (want !== undefined && (view.events[0]?.seq ?? 0) > want) void feed.reach(want)
    else if (scarce) void feed.loadOlder()
  }, [feed, view, want, scarce, older, loading, loadingOlder, error])

  const select = useCallback(
    (seq: number) => {
      setStay(true)
      onSearch({ e: seq })
      void navigator.clipboard
        ?.writeText(location.href.replace(/([?&])e=\d+|$/, (found) => (found ? `${found[0]}e=${seq}` : '')))
        .catch(() => {})
    },
    [onSearch],
  )
  const jump = (by: 1 | -1) => {
    const found = nextError(shown, search.e, by)
    if (found) select(found.seq)
  }
  useKeys([
    { keys: ']', label: 'Next error', group: 'This page', run: () => jump(1) },
    { keys: '[', label: 'Previous error', group: 'This page', run: () => jump(-1) },
    { keys: 'e', label: 'To the end, and follow', group: 'This page', run: () => setStay(false) },
  ])
  return (
    <div className="flex min-h-0 flex-1 flex-col lg:grid lg:grid-cols-[20rem_minmax(0,1fr)]">
      <aside
        aria-label="Steps"
        className="shrink-0 overflow-y-auto border-line p-2 max-lg:max-h-56 max-lg:border-b lg:border-r"
      >
        <StepTimeline run={run} steps={steps} selected={search.step} onSelect={(id) => onSearch({ step: id })} />
      </aside>
      <section aria-label="Events" className="flex min-h-0 min-w-0 flex-1 flex-col max-lg:min-h-[28rem]">
        <EventFilters
          search={search}
          onSearch={onSearch}
          shown={shown.length}
          all={rows.length}
          more={state.older}
          onJump={jump}
        />
        {state.error ? (
          <ProblemCard error={state.error} retry={feed.retry} />
        ) : state.loading ? (
          <div className="flex-1">
            <SkeletonRows label="Loading events" />
          </div>
        ) : shown.length === 0 ? (
          <Empty
            className="flex-1 justify-center"
            title={
              filtered
                ? older
                  ? 'Looking further back…'
                  : 'No event fits these filters'
                : run.status === 'queued'
                  ? 'In line'
                  : 'Nothing has happened yet'
            }
            {...(filtered
              ? {
                  action: (
                    <Button
                      onClick={() => onSearch({ kind: undefined, errors: undefined, q: undefined, step: undefined })}
                    >
                      Show all events
                    </Button>
                  ),
                }
              : {})}
          >
            {!filtered && run.status === 'queued' && 'The run begins as soon as a place is free.'}
          </Empty>
        ) : (
          <VirtualLog
            label="Events of the run"
            items={shown}
            keyOf={(row) => row.seq}
            follow={follow && !stay}
            onFollow={(on) => {
              setStay(!on)
              if (on) prefer({ follow: true })
            }}
            prepended={thinned ? 0 : view.prepended}
            onStart={state.older ? () => void feed.loadOlder() : undefined}
            target={target}
          >
            {(row) => <EventRow row={row} selected={row.seq === chosen} onSelect={select} onFork={setForkAt} />}
          </VirtualLog>
        )}
        {state.words && !hasEnded(run) && <Speaking words={state.words} />}
        <Composer run={run} />
      </section>
      <Suspense>
        {forkAt !== undefined && (
          <ForkDialog run={run} seq={forkAt} steps={steps.data?.items ?? []} onClose={() => setForkAt(undefined)} />
        )}
      </Suspense>
    </div>
  )
}
