import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { Suspense, useEffect } from 'react'
import { listViewsOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { ViewPage } from '@/api/generated/types.gen'
import { part } from '@/components/part'
import { Button } from '@/components/ui/button'
import { cn } from '@/lib/cn'
import { parseSearch, queryOf } from '@/lib/search'
import { OLD_VIEWS } from '@/stores/person'

const ViewActions = part(() => import('./view-actions'))

interface SavedViewsProps<Filters extends object> {
  page: ViewPage
  /** What the address filters by; what it says besides is no part of a view. */
  filters: Filters
  /** Understands what stands behind the `?`. */
  read: (search: Record<string, unknown>) => Filters
  /** Questions that everybody asks. */
  presets?: { name: string; search: Filters }[]
  onChoose: (filters: Filters) => void
}

/** Filters under a name, those of everybody and one's own, and what to do with those that are set. */
export function SavedViews<Filters extends object>({
  page,
  filters,
  read,
  presets = [],
  onChoose,
}: SavedViewsProps<Filters>) {
  const { data, refetch } = useQuery(listViewsOptions({ query: { page } }))
  // This browser kept views of tasks before the server did: they are handed over once.
  useEffect(() => {
    if (page !== 'tasks' || localStorage.getItem(OLD_VIEWS) === null) return
    void import('./take-over').then(async ({ takeOver }) => {
      if (await takeOver()) await refetch()
    })
  }, [page, refetch])
  const own = data?.items ?? []
  const views = [
    ...presets.map(({ name, search }) => ({ name, id: undefined, search })),
    ...own.map(({ name, id, query }) => ({ name, id, search: read(parseSearch(query)) })),
  ]
  const active = queryOf(filters)
  const current = views.find(({ search }) => queryOf(search) === active)
  return (
    <>
      {views.length > 0 && (
        <ul className="flex flex-wrap gap-1" aria-label="Views">
          {views.map((view) => (
            <li key={view.id ?? view.name}>
              <button
                type="button"
                aria-pressed={view === current}
                onClick={() => onChoose(view.search)}
                className={cn(
                  'h-7 max-w-60 truncate rounded-full px-2.5 text-xs',
                  view === current ? 'bg-primary text-on-primary' : 'text-ink-2 hover:bg-surface-2',
                )}
              >
                {view.name}
              </button>
            </li>
          ))}
        </ul>
      )}
      {active !== '' && (
        <span className="flex gap-1">
          <Button look="quiet" size="sm" onClick={() => onChoose(read({}))}>
            <X /> Clear
          </Button>
          <Suspense>
            <ViewActions page={page} query={active} own={own} known={Boolean(current)} chosen={current?.id} />
          </Suspense>
        </span>
      )}
    </>
  )
}
