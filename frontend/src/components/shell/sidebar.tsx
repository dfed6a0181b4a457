import { Link, type LinkProps } from '@tanstack/react-router'
import {
  BookOpen,
  ChartColumn,
  CircleCheckBig,
  Folders,
  GitPullRequestArrow,
  House,
  ListTodo,
  PlayCircle,
  ScrollText,
  Server,
  Settings,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { Tooltip } from '../ui/tooltip'

export interface Place {
  to: LinkProps['to']
  label: string
  icon: ReactNode
  keys: string
  /** Only for those who may look there. */
  permission?: string
}

/** Where one can go, and the keys that lead there. */
export const places: Place[] = [
  { to: '/', label: 'Home', icon: <House />, keys: 'g h' },
  { to: '/tasks', label: 'Tasks', icon: <ListTodo />, keys: 'g t' },
  { to: '/approvals', label: 'Approvals', icon: <CircleCheckBig />, keys: 'g a' },
  { to: '/runs', label: 'Runs', icon: <PlayCircle />, keys: 'g r' },
  { to: '/pull-requests', label: 'Pull requests', icon: <GitPullRequestArrow />, keys: 'g u' },
  { to: '/repositories', label: 'Repositories', icon: <Folders />, keys: 'g p' },
  { to: '/insights', label: 'Insights', icon: <ChartColumn />, keys: 'g i' },
  { to: '/audit', label: 'Audit log', icon: <ScrollText />, keys: 'g l', permission: 'audit' },
  { to: '/operations', label: 'Operations', icon: <Server />, keys: 'g o', permission: 'operate' },
  { to: '/settings', label: 'Settings', icon: <Settings />, keys: 'g s' },
]

const line =
  'flex h-8 items-center gap-2.5 rounded-md px-2 text-sm text-ink-2 hover:bg-surface-2 hover:text-ink data-[status=active]:bg-surface-2 data-[status=active]:font-medium data-[status=active]:text-ink [&_svg]:size-4 [&_svg]:shrink-0'

interface SidebarProps {
  can: (permission: string) => boolean
  /** How many things wait for this person. */
  waiting: number
  onGo?: () => void
  foot?: ReactNode
}

export function Sidebar({ can, waiting, onGo, foot }: SidebarProps) {
  return (
    <nav aria-label="Main" className="flex h-full flex-col gap-4 p-3">
      <Link to="/" onClick={onGo} className="flex h-8 items-center gap-2 rounded-md px-2 font-semibold">
        <img src="/icon.svg" alt="" className="size-5" />
        CodeGraph
      </Link>
      <ul className="flex flex-col gap-0.5">
        {places
          .filter(({ permission }) => !permission || can(permission))
          .map((place) => (
            <li key={place.label}>
              <Tooltip text={place.label} keys={place.keys} side="right">
                <Link
                  to={place.to}
                  onClick={onGo}
                  activeOptions={{ exact: place.to === '/', includeSearch: false }}
                  className={line}
                >
                  {place.icon}
                  <span className="flex-1">{place.label}</span>
                  {place.to === '/approvals' && waiting > 0 && (
                    <span className="nums rounded-full bg-wait-tint px-1.5 text-xs font-medium text-wait">
                      {waiting}
                      <span className="sr-only"> waiting</span>
                    </span>
                  )}
                </Link>
              </Tooltip>
            </li>
          ))}
      </ul>
      <div className="mt-auto flex flex-col gap-0.5">
        <a href="/docs" target="_blank" rel="noreferrer" className={line}>
          <BookOpen /> API reference
        </a>
        {foot}
      </div>
    </nav>
  )
}
