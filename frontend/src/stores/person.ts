import { useDrafts } from './drafts'

/** Whose words this browser keeps. */
const KEY = 'codegraph.person'
/** Where it kept views of tasks before the server did. */
export const OLD_VIEWS = 'codegraph.views'

/** What one person wrote and kept is not for the next. */
export function forgetPerson(): void {
  useDrafts.setState({ drafts: {} })
  localStorage.removeItem(OLD_VIEWS)
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
    if (key === useDrafts.persist.getOptions().name) void useDrafts.persist.rehydrate()
  })
}
