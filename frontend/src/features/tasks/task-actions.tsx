import { ChevronDown } from 'lucide-react'
import { Suspense, useState } from 'react'
import type { Task } from '@/api/generated/types.gen'
import { part } from '@/components/part'
import { Button } from '@/components/ui/button'
import { useLater } from '@/components/use-later'

const load = () => import('./task-menu')
const TaskMenu = part(load)
const EditTask = part(() => import('./edit-task'))
const DeleteTask = part(() => import('./delete-task'))

export type TaskDialog = 'edit' | 'delete'

/** What is done with a task, and not with one of its runs. */
export function TaskActions({ task }: { task: Task }) {
  const { wanted, button } = useLater(load)
  const [open, setOpen] = useState<TaskDialog>()
  const close = () => setOpen(undefined)
  const trigger = (
    <Button look="quiet" size="sm" {...button}>
      Task <ChevronDown />
    </Button>
  )
  return (
    <>
      {wanted ? (
        <Suspense fallback={trigger}>
          <TaskMenu task={task} trigger={trigger} onOpen={setOpen} />
        </Suspense>
      ) : (
        trigger
      )}
      <Suspense>
        {open === 'edit' && <EditTask task={task} onClose={close} />}
        {open === 'delete' && <DeleteTask task={task} onClose={close} />}
      </Suspense>
    </>
  )
}
