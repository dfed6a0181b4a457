import { useNavigate, useRouterState } from '@tanstack/react-router'
import { Keyboard, Menu as MenuIcon, Search } from 'lucide-react'
import { type ReactNode, Suspense, useEffect, useRef } from 'react'
import { closeOverlay, openOverlay, useOverlay } from '@/stores/overlays'
import { usePreferences } from '@/stores/preferences'
import { part } from '../part'
import { Toaster } from '../toaster'
import { Button, IconButton } from '../ui/button'
import { Kbd } from '../ui/kbd'
import { useKeys } from '../use-keys'
import { ConnectionBanner } from './connection'
import { places, Sidebar } from './sidebar'
import { StaleBanner } from './stale-banner'
import { WallBanner } from './wall-banner'

const PlacesSheet = part(() => import('./places-sheet'))
const ShortcutSheet = part(() => import('./shortcut-sheet'))

interface ShellProps {
  can: (permission: string) => boolean
  waiting: number
  /** What stands at the right of the top bar: bell, person. */
  tools: ReactNode
  /** What may lie over every page. */
  overlays?: ReactNode
  children: ReactNode
}

/** The frame of every page behind the login. */
export function Shell({ can, waiting, tools, overlays, children }: ShellProps) {
  const navigate = useNavigate()
  const open = useOverlay((state) => state.open)
  const shortcuts = usePreferences((state) => state.shortcuts)
  useKeys([
    ...places
      .filter(({ permission }) => !permission || can(permission))
      .map(({ to, label, keys }) => ({
        keys,
        label: `Go to ${label}`,
        group: 'Everywhere' as const,
        run: () => void navigate({ to }),
      })),
    {
      keys: 'c',
      label: 'New task',
      group: 'Everywhere',
      run: () => void navigate({ to: '/tasks', search: { new: true } }),
    },
    { keys: 'mod+k', label: 'Search and commands', group: 'Everywhere', run: () => openOverlay('palette') },
    { keys: '?', label: 'Keyboard shortcuts', group: 'Everywhere', run: () => openOverlay('shortcuts') },
  ])
  return (
    <div className="flex h-dvh flex-col lg:grid lg:grid-cols-[14rem_1fr]">
      <a
        href="#main"
        className="sr-only z-50 rounded-md bg-primary px-3 py-2 text-on-primary focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <aside className="hidden border-r border-line bg-surface lg:block">
        <Sidebar can={can} waiting={waiting} />
      </aside>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <header className="flex h-12 shrink-0 items-center gap-1 border-b border-line bg-surface px-2 lg:px-4">
          <span className="lg:hidden">
            <IconButton label="Menu" onClick={() => openOverlay('menu')}>
              <MenuIcon />
            </IconButton>
          </span>
          <Button
            className="min-w-0 justify-start text-ink-2 max-sm:border-transparent sm:w-72"
            onClick={() => openOverlay('palette')}
          >
            <Search />
            <span className="truncate max-sm:sr-only">Search or run a command</span>
            <Kbd keys="mod+k" className="ml-auto max-sm:hidden" />
          </Button>
          <div className="ml-auto flex items-center gap-1">
            <span className="max-md:hidden">
              <IconButton
                label="Keyboard shortcuts"
                {...(shortcuts ? { keys: '?' } : {})}
                onClick={() => openOverlay('shortcuts')}
              >
                <Keyboard />
              </IconButton>
            </span>
            {tools}
          </div>
        </header>
        <ConnectionBanner />
        <StaleBanner />
        <WallBanner />
        <Main>{children}</Main>
      </div>
      <Suspense>
        {open === 'menu' && <PlacesSheet can={can} waiting={waiting} onClose={closeOverlay} />}
        {open === 'shortcuts' && <ShortcutSheet open onClose={closeOverlay} />}
      </Suspense>
      {overlays}
      <Toaster />
    </div>
  )
}

/** The content. After a change of page it has the focus, and the new title is read out. */
function Main({ children }: { children: ReactNode }) {
  const main = useRef<HTMLElement>(null)
  const announcer = useRef<HTMLParagraphElement>(null)
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname })
  const first = useRef(true)
  useEffect(() => {
    // The first page is begun at its top, where the way past the menu is.
    if (path === undefined || first.current) {
      first.current = path === undefined
      return
    }
    main.current?.focus({ preventScroll: true })
    main.current?.scrollTo(0, 0)
    const timer = setTimeout(() => {
      if (announcer.current) announcer.current.textContent = document.title
    }, 300)
    return () => clearTimeout(timer)
  }, [path])
  return (
    <>
      <p ref={announcer} aria-live="polite" className="sr-only" />
      <main id="main" ref={main} tabIndex={-1} className="relative flex min-h-0 flex-1 flex-col overflow-y-auto">
        {children}
      </main>
    </>
  )
}
