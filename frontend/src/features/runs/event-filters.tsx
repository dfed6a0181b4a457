import { ArrowDown, ArrowUp, ListFilter, Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { EventType } from '@/api/generated/types.gen'
import { Badge } from '@/components/ui/badge'
import { Button, IconButton } from '@/components/ui/button'
import { Input } from '@/components/ui/input'
import { Menu, MenuCheck } from '@/components/ui/menu'
import { count } from '@/lib/numbers'
import type { TaskSearch } from '@/lib/searches'
import { kinds } from './rows'

interface FiltersProps {
  search: TaskSearch
  onSearch: (change: TaskSearch) => void
  shown: number
  all: number
  /** There are earlier ones, which were not read yet. */
  more: boolean
  onJump: (by: 1 | -1) => void
}

/** What of the list is shown, and the way from one error to the next. */
export function EventFilters({ search, onSearch, shown, all, more, onJump }: FiltersProps) {
  const [typed, setTyped] = useState(search.q ?? '')
  // biome-ignore lint/correctness/useExhaustiveDependencies: only typing starts the pause
  useEffect(() => {
    if (typed === (search.q ?? '')) return
    const timer = setTimeout(() => onSearch({ q: typed || undefined }), 200)
    return () => clearTimeout(timer)
  }, [typed])
  const kind = search.kind
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-3 py-1.5 lg:px-4">
      <span className="relative min-w-32 flex-1 sm:max-w-56">
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-3" />
        <Input
          type="search"
          aria-label="Search events"
          placeholder="Search events"
          className="pl-8"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </span>
      <Menu
        align="start"
        trigger={
          <Button>
            <ListFilter /> Show{kind && ` (${kind.length})`}
          </Button>
        }
      >
        {(Object.entries(kinds) as [EventType, string][]).map(([key, word]) => (
          <MenuCheck
            key={key}
            checked={kind?.includes(key) ?? false}
            onChange={(on) => {
              const next = on ? [...(kind ?? []), key] : (kind ?? []).filter((other) => other !== key)
              onSearch({ kind: next.length > 0 ? next : undefined })
            }}
          >
            {word}
          </MenuCheck>
        ))}
        <MenuCheck checked={search.errors ?? false} onChange={(on) => onSearch({ errors: on || undefined })}>
          Only errors
        </MenuCheck>
      </Menu>
      {search.step !== undefined && (
        <Button size="sm" look="quiet" onClick={() => onSearch({ step: undefined })}>
          <Badge tone="run">One step</Badge> Show all steps
        </Button>
      )}
      <span className="ml-auto flex items-center gap-1">
        <span className="nums text-xs text-ink-3 max-sm:hidden">
          {shown < all ? `${count(shown)} of ${count(all)}` : count(all)}
          {more && <span title="Scroll up to read on">+</span>}
        </span>
        <IconButton label="Previous error" keys="[" size="icon-sm" onClick={() => onJump(-1)}>
          <ArrowUp />
        </IconButton>
        <IconButton label="Next error" keys="]" size="icon-sm" onClick={() => onJump(1)}>
          <ArrowDown />
        </IconButton>
      </span>
    </div>
  )
}
