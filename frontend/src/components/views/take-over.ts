import { createView } from '@/api/generated/sdk.gen'
import { ApiError } from '@/api/problem'
import { OLD_VIEWS } from '@/stores/person'

interface OldView {
  name: string
  search: string
}

function oldViews(): OldView[] {
  try {
    const { state } = JSON.parse(localStorage.getItem(OLD_VIEWS) ?? 'null') as { state: { views: OldView[] } }
    return state.views.filter(({ name, search }) => typeof name === 'string' && typeof search === 'string')
  } catch {
    return []
  }
}

/** What another try would only be told again: that there is one of this name, or that it is none. */
const settled = (error: unknown) => error instanceof ApiError && [400, 409, 422].includes(error.status)

/** Hands over what this browser kept, and forgets it; what the server could not take now is kept for the next time.
 *  Answers whether anything was handed over. */
export async function takeOver(): Promise<boolean> {
  if (localStorage.getItem(OLD_VIEWS) === null) return false
  const left: OldView[] = []
  const all = oldViews()
  for (const view of all) {
    const body = { page: 'tasks', name: view.name, query: view.search.replace(/^\?/, '') } as const
    await createView({ body }).catch((error) => {
      if (!settled(error)) left.push(view)
    })
  }
  if (left.length === 0) localStorage.removeItem(OLD_VIEWS)
  else localStorage.setItem(OLD_VIEWS, JSON.stringify({ state: { views: left }, version: 0 }))
  return all.length > left.length
}
