import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { CircleCheck } from 'lucide-react'
import { useState } from 'react'
import {
  listSessionsOptions,
  revokeOtherSessionsMutation,
  revokeSessionMutation,
} from '@/api/generated/@tanstack/react-query.gen'
import { Confirm } from '@/components/confirm'
import { ProblemCard } from '@/components/problem-card'
import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { SkeletonRows } from '@/components/ui/skeleton'
import { RelativeTime } from '@/components/values'
import { plural } from '@/lib/numbers'
import { toast } from '@/stores/toasts'
import { browserOf } from './browser-of'

/** Where one is signed in, and the way to end that. */
export function Sessions() {
  const cache = useQueryClient()
  const [asked, setAsked] = useState(false)
  const sessions = useQuery(listSessionsOptions())
  const read = () => void cache.invalidateQueries({ queryKey: listSessionsOptions().queryKey })
  const end = useMutation({ ...revokeSessionMutation(), onSuccess: read })
  const endOthers = useMutation({
    ...revokeOtherSessionsMutation(),
    onSuccess: ({ ended }) => {
      setAsked(false)
      toast(`${plural(ended, 'other login')} ended`, { kind: 'ok' })
      read()
    },
  })
  if (sessions.isLoadingError)
    return <ProblemCard error={sessions.error} retry={() => void sessions.refetch()} compact />
  if (!sessions.data) return <SkeletonRows rows={3} />
  const { items } = sessions.data
  return (
    <>
      <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
        {items.map((session) => (
          <li key={session.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 text-sm">
            <div className="min-w-0 flex-1 basis-56">
              <p className="flex items-center gap-2 font-medium">
                {browserOf(session.user_agent)}
                {session.current && (
                  <Badge tone="ok" icon={<CircleCheck aria-hidden />}>
                    This one
                  </Badge>
                )}
              </p>
              <p className="text-xs text-ink-3">
                {session.address && `${session.address} · `}used <RelativeTime at={session.last_used_at} /> · signed in{' '}
                <RelativeTime at={session.created_at} />
              </p>
            </div>
            {!session.current && (
              <Button
                size="sm"
                busy={end.isPending && end.variables.path.session_id === session.id}
                onClick={() => end.mutate({ path: { session_id: session.id } })}
              >
                End
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Confirm
        open={asked}
        onClose={() => setAsked(false)}
        title="End all other logins?"
        action="End them"
        danger
        busy={endOthers.isPending}
        error={endOthers.error}
        onConfirm={() => endOthers.mutate({})}
      >
        {plural(items.length - 1, 'other browser')} must sign in again. This one stays.
      </Confirm>
      {items.length > 1 && (
        <Button look="danger" className="self-start" busy={endOthers.isPending} onClick={() => setAsked(true)}>
          End all others
        </Button>
      )}
    </>
  )
}
