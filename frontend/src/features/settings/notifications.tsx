import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import {
  getNotificationPreferencesOptions,
  getNotificationPreferencesQueryKey,
  setNotificationPreferencesMutation,
} from '@/api/generated/@tanstack/react-query.gen'
import type { NotificationPreferences } from '@/api/generated/types.gen'
import { ProblemCard } from '@/components/problem-card'
import { kinds, told } from '@/components/told'
import { SkeletonRows } from '@/components/ui/skeleton'
import { SwitchField } from '@/components/ui/toggle'
import { toast } from '@/stores/toasts'

/** What one wants to be told. */
export function Notifications() {
  const cache = useQueryClient()
  const { data, error, refetch } = useQuery(getNotificationPreferencesOptions())
  const key = getNotificationPreferencesQueryKey()
  const set = useMutation({
    ...setNotificationPreferencesMutation(),
    // A switch moves when it is pressed; it goes back when that was refused.
    onMutate: ({ body }) => {
      const before = cache.getQueryData<NotificationPreferences>(key)
      cache.setQueryData(key, body)
      return before
    },
    onError: (refused, _, before) => {
      if (before) cache.setQueryData(key, before)
      toast(`That was not kept: ${refused.message}`, { kind: 'bad' })
    },
  })
  if (error && !data) return <ProblemCard error={error} retry={() => void refetch()} compact />
  if (!data) return <SkeletonRows rows={7} label="Loading what you are told" />
  const { muted } = data
  return (
    <section aria-label="Notifications" className="max-w-xl">
      <p className="mb-3 text-sm text-ink-2">
        You are told about your own tasks. What happens while something is switched off is not told later either.
      </p>
      <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
        {kinds.map((kind) => (
          <li key={kind} className="px-4 py-3">
            <SwitchField
              label={told[kind].word}
              hint={told[kind].when}
              checked={!muted.includes(kind)}
              onChange={(event) =>
                set.mutate({
                  body: { muted: event.target.checked ? muted.filter((one) => one !== kind) : [...muted, kind] },
                })
              }
            />
          </li>
        ))}
      </ul>
    </section>
  )
}
