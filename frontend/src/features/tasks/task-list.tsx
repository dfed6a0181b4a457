import { Suspense } from 'react'
import type { Task } from '@/api/generated/types.gen'
import { CalmRows } from '@/components/lists/calm-rows'
import { useCalm } from '@/components/lists/use-calm'
import { part } from '@/components/part'
import { TaskRow } from './task-row'
import { useSelection } from './use-selection'

const BulkBar = part(() => import('./bulk-bar'))

/** Tasks, one below the other; by pointer and by keyboard. */
export function TaskList({ tasks, stale }: { tasks: Task[]; stale: boolean }) {
  const calm = useCalm(tasks)
  const { ticked, tick, current, chosen, clear } = useSelection(calm.shown)
  return (
    <CalmRows calm={calm}>
      <ul aria-label="Tasks" aria-busy={stale} className={stale ? 'opacity-60' : undefined}>
        {calm.shown.map((task) => (
          <TaskRow key={task.id} task={task} ticked={ticked.has(task.id)} current={task.id === current} onTick={tick} />
        ))}
      </ul>
      <Suspense>{chosen.length > 0 && <BulkBar tasks={chosen} onDone={clear} />}</Suspense>
    </CalmRows>
  )
}
