import { Archive, ArchiveRestore, Ban, RotateCcw, Trash2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { BulkAction, Task } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { Confirm } from '@/components/confirm'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { plural } from '@/lib/numbers'
import { useBulkChange } from './use-bulk-change'

interface Action {
  word: string
  icon: ReactNode
  danger?: true
  says: string
}

const actions: Record<BulkAction, Action> = {
  retry: {
    word: 'Retry',
    icon: <RotateCcw />,
    says: 'What failed or was canceled goes on from where it stopped.',
  },
  cancel: {
    word: 'Cancel',
    icon: <Ban />,
    danger: true,
    says: 'Runs under way end now. What they have recorded stays, and can be retried.',
  },
  archive: {
    word: 'Archive',
    icon: <Archive />,
    says: 'Out of the lists; “Archived instead” in the menu of statuses finds what was put away.',
  },
  restore: {
    word: 'Restore',
    icon: <ArchiveRestore />,
    says: 'Back in the lists, with all that was done.',
  },
  delete: {
    word: 'Delete',
    icon: <Trash2 />,
    danger: true,
    says: 'What never ran is gone for good. What ran is kept: it can be archived instead.',
  },
}

const offered: BulkAction[] = ['retry', 'cancel', 'archive', 'delete']
/** What was put away is not worked on from there. */
const offeredAway: BulkAction[] = ['restore', 'delete']

/** Above this many, the number must be typed. */
const MANY = 20

/** What can be done with the ticked tasks: exactly with those, never with "all that match". */
export default function BulkBar({ tasks, onDone }: { tasks: Task[]; onDone: () => void }) {
  const me = useMe()
  const [asked, setAsked] = useState<BulkAction>()
  const change = useBulkChange()
  const away = tasks.some(({ archived_at }) => archived_at)
  const act = asked && actions[asked]
  const confirm = () => {
    if (!asked) return
    // What comes of it is told in a toast: the list already shows what was asked for.
    change.mutate({ body: { ids: tasks.map(({ id }) => id), action: asked } })
    setAsked(undefined)
    onDone()
  }
  return (
    <section
      aria-label="Selected tasks"
      className="sticky bottom-4 z-20 mx-auto mt-4 flex w-fit max-w-full flex-wrap items-center gap-2 rounded-lg border border-line bg-surface p-2 shadow-float"
    >
      <span className="nums px-2 text-sm" role="status">
        {tasks.length} selected
      </span>
      {(away ? offeredAway : offered).map((one) => (
        <Button
          key={one}
          size="sm"
          look={actions[one].danger ? 'danger' : 'plain'}
          why={whyNot(me, 'work')}
          onClick={() => setAsked(one)}
        >
          {actions[one].icon} {actions[one].word}
        </Button>
      ))}
      <Button size="sm" look="quiet" onClick={onDone}>
        Clear
      </Button>
      <Confirm
        open={act !== undefined}
        onClose={() => setAsked(undefined)}
        title={`${act?.word} ${plural(tasks.length, 'task')}?`}
        action={`${act?.word} ${tasks.length}`}
        danger={Boolean(act?.danger)}
        typed={tasks.length > MANY ? String(tasks.length) : undefined}
        onConfirm={confirm}
      >
        {act?.says}
        <ul
          aria-label="Tasks that this concerns"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="mt-2 max-h-40 list-inside list-disc overflow-y-auto text-ink"
        >
          {tasks.map(({ id, title }) => (
            <li key={id} className="truncate">
              {title}
            </li>
          ))}
        </ul>
      </Confirm>
    </section>
  )
}
