import { CirclePlay, Download } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Run } from '@/api/generated/types.gen'
import { hasEnded } from '@/components/states'
import { Menu, MenuItem } from '@/components/ui/menu'
import type { RunActions } from './use-run-actions'

interface RunMenuProps {
  run: Run
  actions: RunActions
  /** Why this person may do nothing here. */
  why: string | false
  onAgain: () => void
  trigger: ReactNode
}

/** What is done with a run less often. */
export default function RunMenu({ run, actions, why, onAgain, trigger }: RunMenuProps) {
  return (
    <Menu opened trigger={trigger}>
      <MenuItem icon={<CirclePlay />} why={why || (!hasEnded(run) && 'Another run is under way')} onSelect={onAgain}>
        Begin a new run…
      </MenuItem>
      <MenuItem icon={<Download />} onSelect={actions.save}>
        Save everything it recorded
      </MenuItem>
    </Menu>
  )
}
