import { create } from 'zustand'
import { persist } from 'zustand/middleware'

export type Theme = 'system' | 'light' | 'dark'
export type Density = 'regular' | 'compact'

interface Preferences {
  theme: Theme
  density: Density
  /** Single keys do things; some speech input and switch users cannot have that. */
  shortcuts: boolean
  /** A live list stays at its end. */
  follow: boolean
  diff: 'unified' | 'split'
  /** The system shows what one is told while no window is looked at. */
  notices: boolean
  /** A sound when one is told something. */
  sound: boolean
}

export const usePreferences = create<Preferences>()(
  persist(
    (): Preferences => ({
      theme: 'system',
      density: 'regular',
      shortcuts: true,
      follow: true,
      diff: 'unified',
      notices: false,
      sound: false,
    }),
    {
      // public/theme.js reads the same place before the first paint.
      name: 'codegraph.preferences',
    },
  ),
)

const dark = () => matchMedia('(prefers-color-scheme: dark)').matches

function show({ theme, density }: Preferences) {
  const root = document.documentElement
  root.dataset.theme = theme === 'dark' || (theme === 'system' && dark()) ? 'dark' : 'light'
  root.dataset.density = density
}

export const prefer = (change: Partial<Preferences>): void => {
  usePreferences.setState(change)
}

/** Keeps the page in the theme that was asked for, also when the system changes its mind. */
export function applyPreferences(): void {
  show(usePreferences.getState())
  usePreferences.subscribe(show)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => show(usePreferences.getState()))
}
