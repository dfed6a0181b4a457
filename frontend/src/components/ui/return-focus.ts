import { useRef } from 'react'

/** What had the focus: of an entry in a menu, the button that opened the menu, as the menu is gone afterwards. */
function origin(): HTMLElement | undefined {
  const active = document.activeElement
  const opener = active?.closest('[role=menu]')?.getAttribute('aria-labelledby')
  const from = opener ? document.getElementById(opener) : active
  return from instanceof HTMLElement && from !== document.body ? from : undefined
}

/** Gives the focus back to where it was when a box opened. Boxes here are opened by state and not by a trigger of
 *  theirs, so nobody else remembers. What is gone meanwhile is replaced by the content of the page. */
export function useReturnFocus(open: boolean): (event: Event) => void {
  const from = useRef<HTMLElement>(undefined)
  const was = useRef(false)
  // While drawing, as a field in the box may take the focus before any effect runs.
  if (open && !was.current) from.current = origin()
  was.current = open
  return (event) => {
    event.preventDefault()
    // Whoever has taken the focus meanwhile keeps it: another box, or the page that was gone to.
    const active = document.activeElement
    if (active && active !== document.body) return
    const back = from.current?.isConnected ? from.current : document.getElementById('main')
    back?.focus({ preventScroll: true })
  }
}
