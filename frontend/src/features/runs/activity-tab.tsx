import { useQuery } from '@tanstack/react-query'
import { Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { EventType, Run } from '@/api/generated/types.gen'
import { stepsOf } from '@/api/whole'
import { Empty } from '@/components/empty'
import { part } from '@/components/part'
import { ProblemCard } from '@/components/problem-card'
import { hasEnded } from '@/components/states'
import { Button } from '@/components/ui/button'
import { SkeletonRows } from '@/components/ui/skeleton'
import { useKeys } from '@/components/use-keys'
import { VirtualLog } from '@/components/virtual-log'
import { plural } from '@/lib/numbers'
import type { TaskSearch } from '@/lib/searches'
import { prefer, usePreferences } from '@/stores/preferences'
import { toast } from '@/stores/toasts'
import { Composer } from './composer'
import { EventFilters } from './event-filters'
import { EventRow } from './event-row'
import { type Match, placeOf } from './row-log'
import { matchOf, nextError } from './rows'
import { StepTimeline } from './step-timeline'
import { useFeed } from './use-feed'

const LookedBack = part(() => import('./looked-back'))
const Speaking = part(() => import('./speaking'))
const ForkDialog = part(() => import('./fork-dialog'))

/** So many lines that fit are enough to look at. */
const ENOUGH = 60
/** So many pages are looked through for a filter before the reader is asked. */
const PAGES = 10

const toolCalls: EventType[] = ['tool_call']
/** No filter at all. */
const everything: TaskSearch = {
  kind: undefined,
  errors: undefined,
  q: undefined,
  tool: undefined,
  step: undefined,
}

interface ActivityTabProps {
  run: Run
  search: TaskSearch
  onSearch: (change: TaskSearch) => void
}

/** What happens in a run: its steps on a scale of time, every event, and a word to the agent. */
export default function ActivityTab({ run, search, onSearch }: ActivityTabProps) {
  const { errors, q, tool } = search
  // A tool is used in its own kind of event.
  const kind = tool ? toolCalls : search.kind
  // One kind is asked for by itself, and so are words; several kinds are taken out of everything.
  const alone = kind?.length === 1 ? kind[0] : undefined
  const step = search.step === undefined ? undefined : Number.parseInt(search.step, 10)
  const match = useMemo(() => matchOf({ kind, errors, tool, step }), [kind, errors, tool, step])
  const { feed, view, state } = useFeed(run.id, { kind: alone, q }, match)
  const steps = useQuery(stepsOf(run.id))
  const follow = usePreferences(({ follow }) => follow)
  const [stay, setStay] = useState(search.e !== undefined)
  const [forkAt, setForkAt] = useState<number>()
  const { shown } = view
  // What is linked to may not be here yet.
  const reached = search.e !== undefined && (!state.older || (view.first ?? 0) <= search.e)
  const place = reached ? placeOf(shown, search.e ?? 0) : shown.length
  const target = place < shown.length ? place : undefined
  // Of an event that is one line with others, that line.
  const chosen = target === undefined ? undefined : shown[target]?.seq
  const thinned = match !== undefined
  const filtered = thinned || alone !== undefined || q !== undefined

  const hiding = [
    q && `the search “${q}”`,
    tool ? 'the tool that was chosen' : kind && 'the kinds that were chosen',
    errors && '“only errors”',
    step !== undefined && 'the step that was chosen',
  ].filter(Boolean)

  // An agent is at work in a step that the list of steps did not have yet when it was read.
  const known = steps.data?.items.at(-1)?.step_no
  const { refetch } = steps
  useEffect(() => {
    if (known !== undefined && view.step > known) void refetch()
  }, [view.step, known, refetch])

  // A link to an event of long ago is read back to. A filter that finds little looks through some of what came before;
  // how much more is looked through is for the reader to say.
  const { older, loading, error } = state
  const ready = !loading && !error
  const want = search.e
  const far = want !== undefined && older && (view.first ?? 0) > want
  useEffect(() => {
    if (ready && far && want !== undefined) void feed.reach(want)
  }, [feed, ready, far, want])
  const looked = useRef<Match>(undefined)
  const scarce = match !== undefined && older && shown.length < ENOUGH
  useEffect(() => {
    if (!ready || !scarce || looked.current === match) return
    looked.current = match
    void feed.lookBack(PAGES)
  }, [feed, ready, scarce, match])

  const select = useCallback(
    (seq: number) => {
      setStay(true)
      onSearch({ e: seq })
    },
    [onSearch],
  )
  const link = useCallback(
    (seq: number) => {
      // Written by hand, as the address only changes later. It names the run too: another may be the newest by then.
      const url = new URL(location.href)
      url.searchParams.set('run', run.id)
      url.searchParams.set('e', String(seq))
      select(seq)
      const copied = navigator.clipboard?.writeText(url.href) ?? Promise.reject(new Error('no clipboard'))
      copied.then(
        () => toast('The link to this event is copied', { kind: 'ok' }),
        () => toast('The link to this event is in the address bar', { detail: 'The browser let nothing be copied.' }),
      )
    },
    [select, run.id],
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
        <StepTimeline
          run={run}
          steps={steps}
          selected={search.step}
          onSelect={(id) => {
            // An agent inside a step is looked at for itself.
            const agent = id?.split('/')[1]
            onSearch(agent ? { agent } : { step: id })
          }}
        />
      </aside>
      <section aria-label="Events" className="flex min-h-0 min-w-0 flex-1 flex-col max-lg:min-h-[28rem]">
        <EventFilters
          search={search}
          onSearch={onSearch}
          shown={shown.length}
          all={view.all}
          more={state.older}
          onJump={jump}
        />
        {thinned && older && view.all > 0 && (
          <Suspense>
            <LookedBack
              many={view.all}
              busy={state.lookingBack}
              onMore={() => void feed.lookBack(PAGES)}
              onStop={feed.stopLooking}
            />
          </Suspense>
        )}
        {state.olderError && (
          <p
            role="alert"
            className="flex shrink-0 flex-wrap items-center gap-2 bg-bad-tint px-4 py-1.5 text-sm text-bad"
          >
            <span className="flex-1">What came before could not be read: {state.olderError.message}</span>
            <Button size="sm" onClick={() => void feed.loadOlder()}>
              Try again
            </Button>
          </p>
        )}
        {state.error && view.all === 0 ? (
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
                ? state.lookingBack
                  ? 'Looking further back…'
                  : 'No event fits these filters'
                : run.status === 'queued'
                  ? 'In line'
                  : 'Nothing has happened yet'
            }
            {...(filtered
              ? {
                  action: <Button onClick={() => onSearch(everything)}>Show all events</Button>,
                }
              : {})}
          >
            {!filtered && run.status === 'queued' && 'The run begins as soon as a place is free.'}
            {q && !thinned && `The whole run was looked through for “${q}”.`}
            {thinned && !older && `${plural(view.all, 'line is', 'lines are')} left out by ${hiding.join(', ')}.`}
          </Empty>
        ) : (
          <VirtualLog
            label="Events of the run"
            items={shown}
            keyOf={(row) => row.seq}
            version={view.version}
            follow={follow && !stay && !state.newer}
            onFollow={(on) => {
              setStay(!on)
              if (!on) return
              prefer({ follow: true })
              void feed.toEnd()
            }}
            prepended={view.prepended}
            onStart={state.older && !state.olderError ? () => void feed.loadOlder() : undefined}
            onEnd={state.newer ? feed.loadNewer : undefined}
            target={target}
          >
            {(row) => (
              <EventRow row={row} run={run.id} selected={row.seq === chosen} onLink={link} onFork={setForkAt} />
            )}
          </VirtualLog>
        )}
        <Suspense>{state.words && !hasEnded(run) && <Speaking words={state.words} />}</Suspense>
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
