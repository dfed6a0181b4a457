import { create } from 'zustand'
import { persist } from 'zustand/middleware'

/** Filters that somebody wants to come back to, under a name of their own. */
export interface View {
  name: string
  /** The part of the address behind `?`. */
  search: string
}

/** More would be a list that wants filters itself. */
export const MOST_VIEWS = 12

export const useViewStore = create<{ views: View[] }>()(
  persist((): { views: View[] } => ({ views: [] }), { name: 'codegraph.views' }),
)

export const useViews = (): View[] => useViewStore(({ views }) => views)

/** Keeps a view; one of the same name is replaced. */
export function keepView(view: View): void {
  useViewStore.setState(({ views }) => ({
    views: [...views.filter(({ name }) => name !== view.name), view].slice(-MOST_VIEWS),
  }))
}

export function dropView(name: string): void {
  useViewStore.setState(({ views }) => ({ views: views.filter((view) => view.name !== name) }))
}
