import { ArrowDown, ArrowUp, Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { ChoiceMenu } from '@/components/choice-menu'
import { Badge } from '@/components/ui/badge'
import { Button, IconButton } from '@/components/ui/button'
import { Input, Select } from '@/components/ui/input'
import { count } from '@/lib/numbers'
import type { TaskSearch } from '@/lib/searches'
import { kinds, tools } from './rows'

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
    // The server looks through the whole run for it.
    const timer = setTimeout(() => onSearch({ q: typed.trim() || undefined }), 300)
    return () => clearTimeout(timer)
  }, [typed])
  // One that nobody knows here may stand in an address.
  const names = [...new Set([...Object.keys(tools), ...(search.tool ? [search.tool] : [])])]
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-3 py-1.5 lg:px-4">
      <span className="relative min-w-32 flex-1 sm:max-w-56">
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-3" />
        <Input
          type="search"
          aria-label="Search events"
          placeholder="Search events"
          maxLength={200}
          className="pl-8"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </span>
      <ChoiceMenu
        label="Show"
        options={kinds}
        value={search.kind}
        onChange={(kind) => onSearch({ kind, tool: undefined })}
        more={[{ word: 'Only errors', on: search.errors, set: (errors) => onSearch({ errors }) }]}
      />
      <span className="w-36">
        <Select
          aria-label="Tool"
          value={search.tool ?? ''}
          onChange={(event) => onSearch({ tool: event.target.value || undefined, kind: undefined })}
        >
          <option value="">All tools</option>
          {names.map((name) => (
            <option key={name} value={name}>
              {tools[name] ?? name}
            </option>
          ))}
        </Select>
      </span>
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
