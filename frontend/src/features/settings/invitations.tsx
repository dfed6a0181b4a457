import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { listInvitationsQueryKey, revokeInvitationMutation } from '@/api/generated/@tanstack/react-query.gen'
import { listInvitations } from '@/api/generated/sdk.gen'
import { itemsOf, pagesOptions } from '@/api/pages'
import { LoadMore } from '@/components/lists/load-more'
import { Button } from '@/components/ui/button'
import { RelativeTime } from '@/components/values'

export const invitationPages = () =>
  pagesOptions(listInvitationsQueryKey(), (cursor, signal) => listInvitations({ query: { cursor }, signal }))

/** Who was invited and has not come yet. */
export function Invitations() {
  const cache = useQueryClient()
  const invitations = useInfiniteQuery(invitationPages())
  const revoke = useMutation({
    ...revokeInvitationMutation(),
    onSuccess: () => void cache.invalidateQueries({ queryKey: invitationPages().queryKey }),
  })
  const items = itemsOf(invitations.data) ?? []
  if (items.length === 0) return null
  return (
    <section aria-label="Invitations">
      <h2 className="mb-2 text-md font-semibold">Invited</h2>
      <ul className="divide-y divide-line rounded-lg border border-line bg-surface text-sm">
        {items.map((invitation) => (
          <li key={invitation.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2">
            <span className="min-w-0 flex-1 basis-48 truncate font-medium">{invitation.email}</span>
            <span className="text-ink-2">{invitation.role}</span>
            <span className="text-xs text-ink-3">
              ends <RelativeTime at={invitation.expires_at} />
            </span>
            <Button
              size="sm"
              aria-label={`Take back the invitation of ${invitation.email}`}
              onClick={() => revoke.mutate({ path: { invitation_id: invitation.id } })}
            >
              Take back
            </Button>
          </li>
        ))}
      </ul>
      <LoadMore
        more={invitations.hasNextPage}
        busy={invitations.isFetchingNextPage}
        onMore={() => void invitations.fetchNextPage()}
      />
    </section>
  )
}
