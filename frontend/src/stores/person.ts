import { useDrafts } from './drafts'
import { useViewStore } from './views'

/** Whose words and filters this browser keeps. */
const KEY = 'codegraph.person'

/** What one person wrote and kept is not for the next. */
export function forgetPerson(): void {
  useDrafts.setState({ drafts: {} })
  useViewStore.setState({ views: [] })
  localStorage.removeItem(KEY)
}

/** Somebody is signed in; what another person left here is forgotten. */
export function belongsTo(id: string): void {
  const before = localStorage.getItem(KEY)
  if (before !== null && before !== id) forgetPerson()
  localStorage.setItem(KEY, id)
}

/** What other tabs of this browser do with it holds here too. */
export function sharePerson(): void {
  window.addEventListener('storage', ({ key }) => {
    for (const { persist } of [useDrafts, useViewStore]) if (key === persist.getOptions().name) void persist.rehydrate()
  })
}
