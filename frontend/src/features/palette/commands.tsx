import { useNavigate } from '@tanstack/react-router'
import { Folder, Moon, Plus, Rows3, Sun, Zap } from 'lucide-react'
import type { ReactNode } from 'react'
import { may, type Permission } from '@/api/me'
import { useMe } from '@/components/session'
import { places } from '@/components/shell/sidebar'
import { type Binding, useBindings } from '@/stores/keys'
import { openOverlay } from '@/stores/overlays'
import { prefer, usePreferences } from '@/stores/preferences'

export interface Command {
  label: string
  icon: ReactNode
  keys?: string | undefined
  run: () => void
}

/** What keys do on the page below: each of them can be run by its name as well. */
export const ofPage = (bindings: readonly Binding[]): Command[] =>
  bindings
    .filter(
      ({ group, keys }, i) => group === 'This page' && bindings.findLastIndex((other) => other.keys === keys) === i,
    )
    .map(({ label, keys, run }) => ({
      label,
      keys,
      icon: <Zap aria-hidden />,
      run: () => run(new KeyboardEvent('keydown')),
    }))

/** Everything that can be done from anywhere, by groups; only what one may do. */
export function useCommands(): { heading: string; commands: Command[] }[] {
  const me = useMe()
  const navigate = useNavigate()
  const bindings = useBindings((state) => state.bindings)
  const theme = usePreferences((state) => state.theme)
  const other = theme === 'dark' ? 'light' : 'dark'
  const work: Command[] = [
    {
      label: 'New task',
      keys: 'c',
      icon: <Plus aria-hidden />,
      run: () => void navigate({ to: '/tasks', search: { new: true } }),
    },
    {
      label: 'Connect a repository',
      icon: <Folder aria-hidden />,
      run: () => void navigate({ to: '/repositories', search: { new: true } }),
    },
  ]
  const looks: Command[] = [
    {
      label: other === 'light' ? 'Light theme' : 'Dark theme',
      icon: other === 'light' ? <Sun aria-hidden /> : <Moon aria-hidden />,
      run: () => prefer({ theme: other }),
    },
    {
      label: 'Switch density',
      icon: <Rows3 aria-hidden />,
      run: () => prefer({ density: usePreferences.getState().density === 'compact' ? 'regular' : 'compact' }),
    },
    { label: 'Keyboard shortcuts', keys: '?', icon: <Rows3 aria-hidden />, run: () => openOverlay('shortcuts') },
  ]
  const there = places.filter(({ permission }) => !permission || may(me, permission as Permission))
  return [
    { heading: 'On this page', commands: ofPage(bindings) },
    { heading: 'Commands', commands: [...(may(me, 'work') ? work : []), ...looks] },
    {
      heading: 'Go to',
      commands: there.map(({ to, label, icon, keys }) => ({ label, icon, keys, run: () => void navigate({ to }) })),
    },
  ]
}
