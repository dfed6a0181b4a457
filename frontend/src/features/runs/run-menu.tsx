import { CirclePlay, Download, GitFork } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Run } from '@/api/generated/types.gen'
import { hasEnded, runCannot } from '@/components/states'
import { Menu, MenuItem } from '@/components/ui/menu'
import type { RunActions } from './use-run-actions'

interface RunMenuProps {
  run: Run
  actions: RunActions
  /** Why this person may do nothing here. */
  why: string | false
  onFork: () => void
  trigger: ReactNode
}

/** What is done with a run less often. */
export default function RunMenu({ run, actions, why, onFork, trigger }: RunMenuProps) {
  return (
    <Menu opened trigger={trigger}>
      <MenuItem icon={<GitFork />} why={why || runCannot(run, 'fork')} onSelect={onFork}>
        Fork from the newest event…
      </MenuItem>
      <MenuItem
        icon={<CirclePlay />}
        why={why || (!hasEnded(run) && 'Another run is under way')}
        onSelect={actions.startAgain}
      >
        Begin a new attempt
      </MenuItem>
      <MenuItem icon={<Download />} onSelect={actions.save}>
        Save everything it recorded
      </MenuItem>
    </Menu>
  )
}
