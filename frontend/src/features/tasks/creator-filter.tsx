import { useQuery } from '@tanstack/react-query'
import { listUsersOptions } from '@/api/generated/@tanstack/react-query.gen'
import { OneOf } from '@/components/lists/filters'
import { useMe } from '@/components/session'
import type { TasksSearch } from '@/lib/searches'

/** In the place of whoever looks: an address with this in it means somebody else for somebody else. */
const ME = 'me'

/** Who has asked for it. */
export function CreatorFilter({ search, onChange }: { search: TasksSearch; onChange: (change: TasksSearch) => void }) {
  const me = useMe()
  const { data } = useQuery({ ...listUsersOptions({ query: { limit: 200 } }), staleTime: 60_000 })
  const others = data?.items.filter(({ id }) => id !== me.id).map(({ id, name }) => [id, `By ${name}`] as const) ?? []
  // Kept in an address, somebody may not be among the first two hundred.
  const missing = search.by && data && !others.some(([id]) => id === search.by) ? [[search.by, search.by] as const] : []
  return (
    <OneOf
      label="Asked for by"
      all="By anybody"
      options={[[ME, 'By me'], ...others, ...missing]}
      value={search.mine ? ME : search.by}
      onChange={(who) => onChange({ mine: who === ME || undefined, by: who === ME ? undefined : who })}
    />
  )
}
