import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleDollarSign,
  CirclePause,
  CircleX,
  ClipboardCheck,
  Clock,
  Hand,
  Hourglass,
  LoaderCircle,
  MessageCircleQuestion,
  PackageCheck,
  ThumbsDown,
} from 'lucide-react'
import type { ReactNode } from 'react'
import type { Run, RunAction, Status } from '@/api/generated/types.gen'
import { Badge, type Tone } from './ui/badge'

interface Look {
  word: string
  tone: Tone
  icon: ReactNode
}

const spin = <LoaderCircle className="animate-spin motion-reduce:animate-none" aria-hidden />

/** How each status of a run, and of its task, looks. A new status does not compile until it has a look. */
export const statuses: Record<Status, Look> = {
  new: { word: 'New', tone: 'idle', icon: <CircleDashed aria-hidden /> },
  waiting_for_tasks: { word: 'Waits for tasks', tone: 'idle', icon: <Hourglass aria-hidden /> },
  queued: { word: 'Queued', tone: 'idle', icon: <Clock aria-hidden /> },
  planning: { word: 'Planning', tone: 'run', icon: spin },
  running: { word: 'Running', tone: 'run', icon: spin },
  awaiting_plan: { word: 'Plan to approve', tone: 'plan', icon: <ClipboardCheck aria-hidden /> },
  awaiting_answer: { word: 'Asks you', tone: 'wait', icon: <MessageCircleQuestion aria-hidden /> },
  awaiting_budget: { word: 'Out of budget', tone: 'wait', icon: <CircleDollarSign aria-hidden /> },
  awaiting_delivery: { word: 'Delivery to approve', tone: 'plan', icon: <PackageCheck aria-hidden /> },
  paused: { word: 'Paused', tone: 'idle', icon: <CirclePause aria-hidden /> },
  succeeded: { word: 'Done', tone: 'ok', icon: <CircleCheck aria-hidden /> },
  needs_human: { word: 'Needs a person', tone: 'wait', icon: <Hand aria-hidden /> },
  rejected: { word: 'Rejected', tone: 'idle', icon: <ThumbsDown aria-hidden /> },
  failed: { word: 'Failed', tone: 'bad', icon: <CircleX aria-hidden /> },
  canceled: { word: 'Canceled', tone: 'idle', icon: <Ban aria-hidden /> },
}

/** The same in words alone. */
export const statusWords = Object.fromEntries(
  Object.entries(statuses).map(([status, { word }]) => [status, word]),
) as Record<Status, string>

export function StatusBadge({ status, size }: { status: Status; size?: 'sm' | 'md' }) {
  const { word, tone, icon } = statuses[status]
  return (
    <Badge tone={tone} icon={icon} {...(size ? { size } : {})}>
      {word}
    </Badge>
  )
}

const over: readonly Status[] = ['succeeded', 'needs_human', 'rejected', 'failed', 'canceled']

const unable: Record<RunAction, (ended: boolean) => string> = {
  cancel: () => 'The run has ended',
  pause: (ended) => (ended ? 'The run has ended' : 'It cannot pause now'),
  resume: () => 'The run is not paused',
  message: (ended) =>
    ended ? 'The run has ended; fork it or retry a step to go on' : 'Nobody is there to read it now',
  retry: (ended) => (ended ? 'This run cannot be taken up again' : 'The run is still under way; stop it first'),
  fork: () => 'Nothing is recorded yet',
}

/** Why something cannot be done with a run now; nothing when it can. The server says what may be done. */
export const runCannot = (run: Pick<Run, 'actions' | 'status'>, action: RunAction): string | false =>
  !run.actions.includes(action) && unable[action](hasEnded(run))

export const hasEnded = ({ status }: Pick<Run, 'status'>): boolean => over.includes(status)
