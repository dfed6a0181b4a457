import { BookmarkPlus, BookmarkX, ListFilter, Search, X } from 'lucide-react'
import { Suspense, useEffect, useRef, useState } from 'react'
import type { Repository, Status } from '@/api/generated/types.gen'
import { part } from '@/components/part'
import { statuses } from '@/components/states'
import { Button } from '@/components/ui/button'
import { Input, Select } from '@/components/ui/input'
import { Menu, MenuCheck, MenuLine } from '@/components/ui/menu'
import { useKeys } from '@/components/use-keys'
import { cn } from '@/lib/cn'
import { parseSearch, stringifySearch } from '@/lib/search'
import { type TasksSearch, tasks as toSearch } from '@/lib/searches'
import { dropView, useViews } from '@/stores/views'
import { filtersOf, isFiltered, presets } from './queries'

const SaveView = part(() => import('./save-view'))

interface FilterBarProps {
  search: TasksSearch
  repositories: Repository[]
  onChange: (change: TasksSearch) => void
}

const toggled = <T,>(list: T[] | undefined, one: T, on: boolean): T[] | undefined => {
  const next = on ? [...(list ?? []), one] : (list ?? []).filter((other) => other !== one)
  return next.length > 0 ? next : undefined
}
const cleared: TasksSearch = filtersOf({})

/** What is shown; all of it stands in the address. */
export function FilterBar({ search, repositories, onChange }: FilterBarProps) {
  const all = Object.entries(statuses) as [Status, { word: string }][]
  const active = JSON.stringify(filtersOf(search))
  const saved = useViews().map(({ name, search: text }) => ({ name, search: toSearch(parseSearch(text)) }))
  const views = [...presets, ...saved]
  const current = views.find((view) => JSON.stringify(filtersOf(view.search)) === active)
  const own = saved.some(({ name }) => name === current?.name)
  const [saving, setSaving] = useState(false)
  return (
    <div className="flex flex-wrap items-center gap-2">
      <TextFilter text={search.q ?? ''} onChange={(q) => onChange({ q: q || undefined })} />
      <Menu
        align="start"
        trigger={
          <Button>
            <ListFilter /> Status{search.status && ` (${search.status.length})`}
          </Button>
        }
      >
        {all.map(([status, { word }]) => (
          <MenuCheck
            key={status}
            checked={search.status?.includes(status) ?? false}
            onChange={(on) => onChange({ status: toggled(search.status, status, on) })}
          >
            {word}
          </MenuCheck>
        ))}
        <MenuLine />
        <MenuCheck checked={search.mine ?? false} onChange={(on) => onChange({ mine: on || undefined })}>
          Only mine
        </MenuCheck>
        <MenuCheck checked={search.archived ?? false} onChange={(on) => onChange({ archived: on || undefined })}>
          Archived instead
        </MenuCheck>
      </Menu>
      <span className="w-40">
        <Select
          aria-label="Repository"
          value={search.repository ?? ''}
          onChange={(event) => onChange({ repository: event.target.value || undefined })}
        >
          <option value="">All repositories</option>
          {repositories.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      </span>
      <ul className="flex flex-wrap gap-1" aria-label="Common filters">
        {views.map((preset) => {
          const on = preset === current
          return (
            <li key={preset.name}>
              <button
                type="button"
                aria-pressed={on}
                onClick={() => onChange({ ...cleared, ...preset.search })}
                className={cn(
                  'h-7 rounded-full px-2.5 text-xs',
                  on ? 'bg-primary text-on-primary' : 'text-ink-2 hover:bg-surface-2',
                )}
              >
                {preset.name}
              </button>
            </li>
          )
        })}
      </ul>
      {isFiltered(search) && (
        <span className="flex gap-1">
          <Button look="quiet" size="sm" onClick={() => onChange(cleared)}>
            <X /> Clear
          </Button>
          {!current && (
            <Button look="quiet" size="sm" onClick={() => setSaving(true)}>
              <BookmarkPlus /> Save view
            </Button>
          )}
          {own && current && (
            <Button look="quiet" size="sm" onClick={() => dropView(current.name)}>
              <BookmarkX /> Forget view
            </Button>
          )}
        </span>
      )}
      <Suspense>
        {saving && <SaveView search={stringifySearch({ ...filtersOf(search) })} onClose={() => setSaving(false)} />}
      </Suspense>
    </div>
  )
}

/** Text to look for; asked for when typing pauses. */
function TextFilter({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState(text)
  useKeys([{ keys: '/', label: 'Search this list', group: 'Lists', run: () => input.current?.focus() }])
  // The address may change without this box: back, or a preset.
  useEffect(() => setTyped(text), [text])
  // biome-ignore lint/correctness/useExhaustiveDependencies: only typing starts the pause
  useEffect(() => {
    if (typed === text) return
    const timer = setTimeout(() => onChange(typed), 250)
    return () => clearTimeout(timer)
  }, [typed])
  return (
    <span className="relative w-full sm:w-56">
      <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-3" />
      <Input
        ref={input}
        type="search"
        aria-label="Search tasks"
        placeholder="Search tasks"
        className="pl-8"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && input.current?.blur()}
      />
    </span>
  )
}
