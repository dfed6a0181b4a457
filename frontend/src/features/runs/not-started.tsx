import { CirclePlay } from 'lucide-react'
import { Suspense, useState } from 'react'
import type { Task } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { Empty } from '@/components/empty'
import { part } from '@/components/part'
import { RichText } from '@/components/rich-text'
import { Scroll } from '@/components/scroll'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { modes } from '@/components/words'
import { money } from '@/lib/numbers'

const BeginDialog = part(() => import('./begin-dialog'))

/** A task that was asked for and not begun: what it says, and the way to its first run. */
export default function NotStarted({ task }: { task: Task }) {
  const me = useMe()
  const [open, setOpen] = useState(false)
  return (
    <Scroll label="The task">
      <div className="mx-auto flex max-w-3xl flex-col gap-4">
        <Empty
          icon={<CirclePlay />}
          title="Not begun yet"
          action={
            <Button look="primary" why={whyNot(me, 'work')} onClick={() => setOpen(true)}>
              <CirclePlay /> Begin
            </Button>
          }
        >
          {modes[task.options.mode]}, on {task.base_branch}, for at most {money(task.budget_usd_micros)}.
        </Empty>
        {task.description && (
          <section aria-label="What was asked for" className="rounded-lg border border-line bg-surface p-4 text-sm">
            <RichText text={task.description} />
          </section>
        )}
      </div>
      <Suspense>{open && <BeginDialog task={task} onClose={() => setOpen(false)} />}</Suspense>
    </Scroll>
  )
}
