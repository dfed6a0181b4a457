import { CirclePause, CirclePlay, CircleStop, Ellipsis, GitFork, RotateCcw } from 'lucide-react'
import { Suspense, useState } from 'react'
import type { Run, Status, Task } from '@/api/generated/types.gen'
import { part, WhenHere } from '@/components/part'
import { LiveDot } from '@/components/shell/connection'
import { hasEnded, runCannot, StatusBadge } from '@/components/states'
import { Work } from '@/components/steps'
import { Button, IconButton } from '@/components/ui/button'
import { useLater } from '@/components/use-later'
import { RunFigures } from './run-figures'
import type { RunActions } from './use-run-actions'

const load = () => import('./run-menu')
const RunMenu = part(load)
const RunProof = part(() => import('@/components/proof'))
/** Where the work is done, and what tests and review say of it matters more than anything else. */
const proven = new Set<Status>(['awaiting_delivery', 'succeeded', 'needs_human'])

interface RunHeaderProps {
  task: Task
  run: Run
  actions: RunActions
  /** Why this person may do nothing here. */
  why: string | false
  onRetry: () => void
  onFork: () => void
  /** Another run, from the beginning. */
  onAgain: () => void
}

/** Where a run stands, what it costs, and what can be done with it. */
export function RunHeader({ task, run, actions, why, onRetry, onFork, onAgain }: RunHeaderProps) {
  const [stopping, setStopping] = useState(false)
  const ended = hasEnded(run)
  const paused = run.status === 'paused'
  const menu = useLater(load)
  // All of them fit beside each other on a phone.
  const small = ended ? undefined : 'max-sm:sr-only'
  const more = (
    <IconButton label="More" look="plain" {...menu.button}>
      <Ellipsis />
    </IconButton>
  )
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
      <StatusBadge status={run.status} />
      {run.status === 'running' && <Work status={run.status} step={run.step} />}
      {!ended && <LiveDot />}
      <RunFigures task={task} run={run} />
      {run.pause_requested && run.status !== 'paused' && (
        <span className="text-xs text-ink-3">pauses after what it is doing</span>
      )}
      {proven.has(run.status) && (
        <WhenHere part={RunProof}>
          <RunProof run={run} />
        </WhenHere>
      )}
      <span className="ml-auto flex flex-wrap items-center gap-2">
        {!ended && (
          <Button
            why={why || runCannot(run, paused ? 'resume' : 'pause')}
            busy={actions.pausing}
            onClick={paused ? actions.resume : actions.pause}
          >
            {paused ? <CirclePlay /> : <CirclePause />}
            {paused ? 'Resume' : 'Pause'}
          </Button>
        )}
        {!ended && (
          <Button
            look="danger"
            why={why || runCannot(run, 'cancel')}
            busy={actions.canceling}
            onClick={() => (stopping ? actions.cancel() : setStopping(true))}
            onBlur={() => setStopping(false)}
          >
            <CircleStop /> {stopping ? 'Really stop?' : 'Stop'}
          </Button>
        )}
        <Button why={why || runCannot(run, 'retry')} onClick={onRetry}>
          <RotateCcw /> <span className={small}>Retry</span>
        </Button>
        <Button why={why || runCannot(run, 'fork')} onClick={onFork}>
          <GitFork /> <span className={small}>Fork</span>
        </Button>
        {menu.wanted ? (
          <Suspense fallback={more}>
            <RunMenu run={run} actions={actions} why={why} onAgain={onAgain} trigger={more} />
          </Suspense>
        ) : (
          more
        )}
      </span>
    </div>
  )
}
