import { useState } from 'react'

/** For a button whose menu is loaded when somebody is about to press it. */
export function useLater(load: () => Promise<unknown>) {
  const [wanted, setWanted] = useState(false)
  // Whoever then opens it hears of what goes wrong.
  const ahead = () => void load().catch(() => {})
  return {
    wanted,
    button: {
      'aria-haspopup': 'menu',
      onClick: () => setWanted(true),
      onFocus: ahead,
      onPointerEnter: ahead,
    } as const,
  }
}
