import { useState } from 'react'
import type { Role, User } from '@/api/generated/types.gen'
import { Button } from '@/components/ui/button'
import { Select } from '@/components/ui/input'
import { roles } from './roles'

/** What somebody may do. It is changed by a press of its own: arrow keys go through a list of choices, and each of them
 *  would be one. */
export function RolePicker({ user, busy, onPick }: { user: User; busy: boolean; onPick: (role: Role) => void }) {
  const [role, setRole] = useState(user.role)
  const changed = role !== user.role
  return (
    <span className="flex flex-wrap items-center gap-2">
      <Select
        aria-label={`Role of ${user.name}`}
        className="max-w-56"
        value={role}
        onChange={(event) => setRole(event.target.value as Role)}
        onKeyDown={(event) => event.key === 'Escape' && setRole(user.role)}
      >
        {Object.entries(roles).map(([key, word]) => (
          <option key={key} value={key}>
            {word}
          </option>
        ))}
      </Select>
      {changed && (
        <>
          <Button size="sm" look="primary" busy={busy} onClick={() => onPick(role)}>
            Change
          </Button>
          <Button size="sm" look="quiet" onClick={() => setRole(user.role)}>
            Keep
          </Button>
        </>
      )}
    </span>
  )
}
