import { Archive, ArchiveRestore, Pencil, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Task } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { useMe } from '@/components/session'
import { hasEnded } from '@/components/states'
import { Menu, MenuItem, MenuLine } from '@/components/ui/menu'
import type { TaskDialog } from './task-actions'
import { usePutAway } from './use-put-away'

interface TaskMenuProps {
  task: Task
  trigger: ReactNode
  onOpen: (dialog: TaskDialog) => void
}

/** Changing a task, putting it away and back, and being rid of it. */
export default function TaskMenu({ task, trigger, onOpen }: TaskMenuProps) {
  const me = useMe()
  const put = usePutAway(task.id)
  const why = whyNot(me, 'work')
  const ran = task.attempts > 0
  return (
    <Menu opened trigger={trigger}>
      <MenuItem icon={<Pencil />} why={why} onSelect={() => onOpen('edit')}>
        Edit…
      </MenuItem>
      {task.archived_at ? (
        <MenuItem icon={<ArchiveRestore />} why={why} onSelect={() => put(false)}>
          Restore from the archive
        </MenuItem>
      ) : (
        <MenuItem
          icon={<Archive />}
          why={why || (ran && !hasEnded(task) && 'A run is under way; stop it first')}
          onSelect={() => put(true)}
        >
          Archive
        </MenuItem>
      )}
      <MenuLine />
      <MenuItem
        icon={<Trash2 />}
        danger
        why={why || (ran && 'It has run, and what it did is kept; archive it instead')}
        onSelect={() => onOpen('delete')}
      >
        Delete…
      </MenuItem>
    </Menu>
  )
}
