import { CirclePause, CirclePlay, CircleStop, Ellipsis, RotateCcw } from 'lucide-react'
import { Suspense, useState } from 'react'
import type { Run, Status, Task } from '@/api/generated/types.gen'
import { part } from '@/components/part'
import { LiveDot } from '@/components/shell/connection'
import { hasEnded, runCannot, StatusBadge } from '@/components/states'
import { Work } from '@/components/steps'
import { Button, IconButton } from '@/components/ui/button'
import { useLater } from '@/components/use-later'
import { Budget, Elapsed, Tokens } from '@/components/values'
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
}

/** Where a run stands, what it costs, and what can be done with it. */
export function RunHeader({ task, run, actions, why, onRetry, onFork }: RunHeaderProps) {
  const [stopping, setStopping] = useState(false)
  const ended = hasEnded(run)
  const paused = run.status === 'paused'
  const menu = useLater(load)
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
      <span className="text-ink-2">
        <Budget spent={task.cost_usd_micros} cap={task.budget_usd_micros} />
      </span>
      <Tokens n={run.usage.input_tokens + run.usage.output_tokens} className="text-ink-2" />
      <Elapsed from={run.created_at} to={run.ended_at} className="text-ink-2" />
      {run.pause_requested && run.status !== 'paused' && (
        <span className="text-xs text-ink-3">pauses after what it is doing</span>
      )}
      {proven.has(run.status) && (
        <Suspense>
          <RunProof run={run} />
        </Suspense>
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
          <RotateCcw /> Retry
        </Button>
        {menu.wanted ? (
          <Suspense fallback={more}>
            <RunMenu run={run} actions={actions} why={why} onFork={onFork} trigger={more} />
          </Suspense>
        ) : (
          more
        )}
      </span>
    </div>
  )
}
