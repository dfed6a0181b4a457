import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Archive, Ban, RotateCcw, Trash2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { changeTasksMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { BulkAction, Task } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { Confirm } from '@/components/confirm'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { plural } from '@/lib/numbers'
import { toast } from '@/stores/toasts'

const actions: { action: BulkAction; word: string; done: string; icon: ReactNode; danger?: true; says: string }[] = [
  {
    action: 'retry',
    word: 'Retry',
    done: 'retried',
    icon: <RotateCcw />,
    says: 'Those that failed or were canceled go on from where they stopped.',
  },
  {
    action: 'cancel',
    word: 'Cancel',
    done: 'canceled',
    icon: <Ban />,
    danger: true,
    says: 'Their runs end now. What they have recorded stays, and can be retried.',
  },
  {
    action: 'archive',
    word: 'Archive',
    done: 'archived',
    icon: <Archive />,
    says: 'They leave the lists and can be found with the filter “Archived tasks”.',
  },
  {
    action: 'delete',
    word: 'Delete',
    done: 'deleted',
    icon: <Trash2 />,
    danger: true,
    says: 'They and everything their runs recorded are gone for good.',
  },
]

/** Above this many, the number must be typed. */
const MANY = 20

/** What can be done with the ticked tasks: exactly with those, never with "all that match". */
export default function BulkBar({ tasks, onDone }: { tasks: Task[]; onDone: () => void }) {
  const me = useMe()
  const cache = useQueryClient()
  const [asked, setAsked] = useState<(typeof actions)[number]>()
  const change = useMutation({
    ...changeTasksMutation(),
    onSuccess: ({ items }) => {
      const bad = items.filter(({ ok }) => !ok)
      const good = items.length - bad.length
      toast(
        `${plural(good, 'task')} ${asked?.done ?? 'changed'}`,
        bad.length > 0 ? { kind: 'bad', detail: `${bad.length} not: ${bad[0]?.error}` } : { kind: 'ok' },
      )
      setAsked(undefined)
      onDone()
      void cache.invalidateQueries()
    },
  })
  const ids = tasks.map(({ id }) => id)
  return (
    <section
      aria-label="Selected tasks"
      className="sticky bottom-4 z-20 mx-auto mt-4 flex w-fit max-w-full flex-wrap items-center gap-2 rounded-lg border border-line bg-surface p-2 shadow-float"
    >
      <span className="nums px-2 text-sm" role="status">
        {tasks.length} selected
      </span>
      {actions.map((one) => (
        <Button
          key={one.action}
          size="sm"
          look={one.danger ? 'danger' : 'plain'}
          why={whyNot(me, 'work')}
          onClick={() => setAsked(one)}
        >
          {one.icon} {one.word}
        </Button>
      ))}
      <Button size="sm" look="quiet" onClick={onDone}>
        Clear
      </Button>
      <Confirm
        open={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={`${asked?.word} ${plural(tasks.length, 'task')}?`}
        action={`${asked?.word} ${tasks.length}`}
        danger={Boolean(asked?.danger)}
        typed={tasks.length > MANY ? String(tasks.length) : undefined}
        busy={change.isPending}
        error={change.error}
        onConfirm={() => asked && change.mutate({ body: { ids, action: asked.action } })}
      >
        {asked?.says}
        <ul
          aria-label="Tasks that this concerns"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="mt-2 max-h-40 list-disc overflow-y-auto pl-4"
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
