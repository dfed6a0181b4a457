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
import { RelativeTime } from '@/components/values'
import { cn } from '@/lib/cn'
import { toast } from '@/stores/toasts'
import { RolePicker } from './role-picker'
import { roles } from './roles'

/** People with what they may do; those who look after people change it here. */
export function MemberList({ users, stale }: { users: User[]; stale: boolean }) {
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
      <ul
        aria-label="Members"
        aria-busy={stale}
        className={cn('divide-y divide-line rounded-lg border border-line bg-surface text-sm', stale && 'opacity-60')}
      >
        {users.map((user) => (
          <MemberRow
            key={user.id}
            user={user}
            busy={update.isPending}
            onChange={(body) => update.mutate({ path: { user_id: user.id }, body })}
            onLeave={() => setLeaving(user)}
          />
        ))}
      </ul>
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
    <li
      className={cn(
        'grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-2 px-4 py-2 sm:grid-cols-[minmax(0,1fr)_15rem_5rem_6.5rem] lg:grid-cols-[minmax(0,1fr)_23rem_6rem_6.5rem]',
        left && 'text-ink-3',
      )}
    >
      <span className="flex min-w-0 items-center gap-2">
        <Avatar name={user.name} />
        <span className="min-w-0">
          <span className="block truncate font-medium">
            {user.name}
            {user.id === me.id && <span className="font-normal text-ink-3"> (you)</span>}
          </span>
          {user.email && <span className="block truncate text-xs text-ink-3">{user.email}</span>}
        </span>
      </span>
      <span className="max-sm:order-last max-sm:col-span-2 max-sm:pl-9">
        {left ? (
          'Has left'
        ) : changes ? (
          <RolePicker key={user.role} user={user} busy={busy} onPick={(role) => onChange({ role })} />
        ) : (
          roles[user.role]
        )}
      </span>
      <span className="text-right text-xs text-ink-3 max-sm:hidden">
        since <RelativeTime at={user.created_at} />
      </span>
      <span className="text-right">
        {changes && (
          <Button
            size="sm"
            aria-label={left ? `Let in again: ${user.name}` : `Deactivate ${user.name}`}
            onClick={() => (left ? onChange({ active: true }) : onLeave())}
          >
            {left ? 'Let in again' : 'Deactivate'}
          </Button>
        )}
      </span>
    </li>
  )
}
