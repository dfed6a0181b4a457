import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { updateUserMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { User, UserChange } from '@/api/generated/types.gen'
import { may } from '@/api/me'
import type { ApiError } from '@/api/problem'
import { Confirm } from '@/components/confirm'
import { useMe } from '@/components/session'
import { Avatar } from '@/components/ui/avatar'
import { Button } from '@/components/ui/button'
import { Table, Td, Th } from '@/components/ui/table'
import { RelativeTime } from '@/components/values'
import { toast } from '@/stores/toasts'
import { RolePicker } from './role-picker'

/** People with what they may do; those who look after people change it here. */
export function MemberTable({ users, stale }: { users: User[]; stale: boolean }) {
  const cache = useQueryClient()
  const [leaving, setLeaving] = useState<User>()
  const update = useMutation({
    ...updateUserMutation(),
    onSuccess: () =>
      void cache.invalidateQueries({
        predicate: ({ queryKey }) => (queryKey[0] as { _id?: string })._id === 'listUsers',
      }),
    onError: (error: ApiError) => void toast(error.message, { kind: 'bad' }),
  })
  return (
    <>
      <Table label="Members" card {...(stale ? { className: 'opacity-60' } : {})}>
        <thead>
          <tr>
            <Th>Name</Th>
            <Th>Role</Th>
            <Th right className="max-sm:hidden">
              Since
            </Th>
            <Th>
              <span className="sr-only">Actions</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <MemberRow
              key={user.id}
              user={user}
              busy={update.isPending}
              onChange={(body) => update.mutate({ path: { user_id: user.id }, body })}
              onLeave={() => setLeaving(user)}
            />
          ))}
        </tbody>
      </Table>
      <Confirm
        open={leaving !== undefined}
        onClose={() => setLeaving(undefined)}
        title={`Deactivate ${leaving?.name}?`}
        action="Deactivate"
        danger
        busy={update.isPending}
        error={update.error}
        onConfirm={() =>
          leaving &&
          update.mutate(
            { path: { user_id: leaving.id }, body: { active: false } },
            { onSuccess: () => setLeaving(undefined) },
          )
        }
      >
        Their logins and tokens end now. What they asked for goes on, and they can be let in again.
      </Confirm>
    </>
  )
}

interface RowProps {
  user: User
  busy: boolean
  onChange: (change: UserChange) => void
  onLeave: () => void
}

function MemberRow({ user, busy, onChange, onLeave }: RowProps) {
  const me = useMe()
  const changes = may(me, 'people') && user.id !== me.id
  const left = user.deactivated_at !== undefined
  return (
    <tr className={left ? 'text-ink-3' : undefined}>
      <Td>
        <span className="flex items-center gap-2">
          <Avatar name={user.name} />
          <span className="min-w-0">
            <span className="block font-medium">
              {user.name}
              {user.id === me.id && <span className="font-normal text-ink-3"> (you)</span>}
            </span>
            {user.email && <span className="block truncate text-xs text-ink-3">{user.email}</span>}
          </span>
        </span>
      </Td>
      <Td className="min-w-36">
        {left ? (
          'Has left'
        ) : changes ? (
          <RolePicker key={user.role} user={user} busy={busy} onPick={(role) => onChange({ role })} />
        ) : (
          user.role
        )}
      </Td>
      <Td right className="max-sm:hidden">
        <RelativeTime at={user.created_at} />
      </Td>
      <Td right>
        {changes && (
          <Button
            size="sm"
            aria-label={left ? `Let in again: ${user.name}` : `Deactivate ${user.name}`}
            onClick={() => (left ? onChange({ active: true }) : onLeave())}
          >
            {left ? 'Let in again' : 'Deactivate'}
          </Button>
        )}
      </Td>
    </tr>
  )
}
