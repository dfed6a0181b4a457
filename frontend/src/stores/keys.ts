import { create } from 'zustand'
import { usePreferences } from './preferences'

export interface Binding {
  /** `c`, `g t` (one after the other) or `mod+k` (together). */
  keys: string
  label: string
  group: 'Everywhere' | 'Lists' | 'This page'
  run: (event: KeyboardEvent) => void
}

/** What keys do at this moment; whoever is on the screen adds to it. The newest meaning of a key counts. */
export const useBindings = create<{ bindings: Binding[] }>()(() => ({ bindings: [] }))

export function bind(added: Binding[]): () => void {
  useBindings.setState(({ bindings }) => ({ bindings: [...bindings, ...added] }))
  return () => useBindings.setState(({ bindings }) => ({ bindings: bindings.filter((one) => !added.includes(one)) }))
}

/** How long the second key of a pair may take. */
const PAIR = 1200
let first: { key: string; at: number } | undefined

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    /^(TEXTAREA|SELECT)$/.test(target.tagName) ||
    (target instanceof HTMLInputElement && !/^(checkbox|radio|button|submit)$/.test(target.type)))

function spelled(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key.toLowerCase().replace('escape', 'esc')
  return event.metaKey || event.ctrlKey ? `mod+${key}` : key
}

/** Runs what a key means here, if anything. */
export function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing) return
  const key = spelled(event)
  const together = key.startsWith('mod+')
  if (!together) {
    if (!usePreferences.getState().shortcuts || typing(event.target)) return
    // A dialog or a menu has the keyboard to itself.
    if (document.querySelector('[role="dialog"], [role="menu"]')) return
  }
  const pair = first && event.timeStamp - first.at < PAIR ? `${first.key} ${key}` : undefined
  const { bindings } = useBindings.getState()
  const meant = (keys: string | undefined) => bindings.findLast((one) => one.keys === keys)
  const found = (pair && meant(pair)) || meant(key)
  first = found || together ? undefined : { key, at: event.timeStamp }
  if (!found) return
  event.preventDefault()
  found.run(event)
}
