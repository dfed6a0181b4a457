import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { UserPlus } from 'lucide-react'
import { useState } from 'react'
import { listUsersQueryKey, updateUserMutation } from '@/api/generated/@tanstack/react-query.gen'
import { listUsers } from '@/api/generated/sdk.gen'
import type { User } from '@/api/generated/types.gen'
import { may, whyNot } from '@/api/me'
import { itemsOf, pagesOptions } from '@/api/pages'
import type { ApiError } from '@/api/problem'
import { Confirm } from '@/components/confirm'
import { LoadMore } from '@/components/lists/load-more'
import { ProblemCard } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { Avatar } from '@/components/ui/avatar'
import { Button } from '@/components/ui/button'
import { SkeletonRows } from '@/components/ui/skeleton'
import { Table, Td, Th } from '@/components/ui/table'
import { RelativeTime } from '@/components/values'
import { toast } from '@/stores/toasts'
import { Invitations } from './invitations'
import { Invite } from './invite'
import { RolePicker } from './role-picker'

/** Who is here, and what they may do. */
export function Members() {
  const me = useMe()
  const cache = useQueryClient()
  const [inviting, setInviting] = useState(false)
  const [leaving, setLeaving] = useState<User>()
  const query = useInfiniteQuery(
    pagesOptions(listUsersQueryKey(), (cursor, signal) => listUsers({ query: { cursor }, signal })),
  )
  const update = useMutation({
    ...updateUserMutation(),
    onSuccess: () =>
      void cache.invalidateQueries({
        predicate: ({ queryKey }) => (queryKey[0] as { _id?: string })._id === 'listUsers',
      }),
    onError: (error: ApiError) => void toast(error.message, { kind: 'bad' }),
  })
  const items = itemsOf(query.data)
  const admin = may(me, 'people')
  if (query.isLoadingError) return <ProblemCard error={query.error} retry={() => void query.refetch()} compact />
  if (!items) return <SkeletonRows rows={4} />
  return (
    <>
      <Button look="primary" className="self-start" why={whyNot(me, 'people')} onClick={() => setInviting(true)}>
        <UserPlus /> Invite somebody
      </Button>
      <Table label="Members" card>
        <thead>
          <tr>
            <Th>Name</Th>
            <Th>Role</Th>
            <Th right>Since</Th>
            <Th>
              <span className="sr-only">Actions</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {items.map((user) => (
            <tr key={user.id} className={user.deactivated_at ? 'text-ink-3' : undefined}>
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
                {admin && user.id !== me.id && !user.deactivated_at ? (
                  <RolePicker
                    key={user.role}
                    user={user}
                    busy={update.isPending}
                    onPick={(role) => update.mutate({ path: { user_id: user.id }, body: { role } })}
                  />
                ) : user.deactivated_at ? (
                  'Has left'
                ) : (
                  user.role
                )}
              </Td>
              <Td right>
                <RelativeTime at={user.created_at} />
              </Td>
              <Td right>
                {admin && user.id !== me.id && (
                  <Button
                    size="sm"
                    aria-label={user.deactivated_at ? `Let in again: ${user.name}` : `Deactivate ${user.name}`}
                    onClick={() =>
                      user.deactivated_at
                        ? update.mutate({ path: { user_id: user.id }, body: { active: true } })
                        : setLeaving(user)
                    }
                  >
                    {user.deactivated_at ? 'Let in again' : 'Deactivate'}
                  </Button>
                )}
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
      <LoadMore more={query.hasNextPage} busy={query.isFetchingNextPage} onMore={() => void query.fetchNextPage()} />
      {admin && <Invitations />}
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
      <Invite open={inviting} onClose={() => setInviting(false)} />
    </>
  )
}
