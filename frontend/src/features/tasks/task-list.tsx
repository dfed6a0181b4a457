import { RefreshCw } from 'lucide-react'
import { Suspense } from 'react'
import type { Task } from '@/api/generated/types.gen'
import { useCalm } from '@/components/lists/use-calm'
import { part } from '@/components/part'
import { Button } from '@/components/ui/button'
import { plural } from '@/lib/numbers'
import { TaskRow } from './task-row'
import { useSelection } from './use-selection'

const BulkBar = part(() => import('./bulk-bar'))

/** Tasks, one below the other; by pointer and by keyboard. */
export function TaskList({ tasks, stale }: { tasks: Task[]; stale: boolean }) {
  const { shown, waiting, apply, over } = useCalm(tasks)
  const { ticked, tick, current, chosen, clear } = useSelection(shown)
  return (
    <div className="relative" onPointerEnter={() => over(true)} onPointerLeave={() => over(false)}>
      {waiting > 0 && (
        <div className="pointer-events-none sticky top-2 z-20 flex h-0 justify-center">
          <Button size="sm" look="primary" className="pointer-events-auto shadow-float" onClick={apply}>
            <RefreshCw /> {plural(waiting, 'update')}
          </Button>
        </div>
      )}
      <ul aria-label="Tasks" aria-busy={stale} className={stale ? 'opacity-60' : undefined}>
        {shown.map((task) => (
          <TaskRow key={task.id} task={task} ticked={ticked.has(task.id)} current={task.id === current} onTick={tick} />
        ))}
      </ul>
      <Suspense>{chosen.length > 0 && <BulkBar tasks={chosen} onDone={clear} />}</Suspense>
    </div>
  )
}
