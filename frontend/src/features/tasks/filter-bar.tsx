import { Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { ChoiceMenu } from '@/components/choice-menu'
import { Filters, OneOf, RepositoryFilter } from '@/components/lists/filters'
import { statusWords } from '@/components/states'
import { Input } from '@/components/ui/input'
import { useKeys } from '@/components/use-keys'
import { SavedViews } from '@/components/views/saved-views'
import { type TasksSearch, tasks as toSearch } from '@/lib/searches'
import { CreatorFilter } from './creator-filter'
import { filtersOf, orders, presets } from './queries'

/** What is shown; all of it stands in the address. */
export function FilterBar({ search, onChange }: { search: TasksSearch; onChange: (change: TasksSearch) => void }) {
  return (
    <Filters>
      <TextFilter text={search.q ?? ''} onChange={(q) => onChange({ q: q || undefined })} />
      <ChoiceMenu
        label="Status"
        options={statusWords}
        value={search.status}
        onChange={(status) => onChange({ status })}
        more={[{ word: 'Archived instead', on: search.archived, set: (archived) => onChange({ archived }) }]}
      />
      <RepositoryFilter value={search.repository} onChange={(repository) => onChange({ repository })} />
      <CreatorFilter search={search} onChange={onChange} />
      <OneOf
        label="Order"
        all="Newest first"
        options={orders}
        value={search.sort}
        onChange={(sort) => onChange({ sort })}
      />
      <SavedViews
        page="tasks"
        filters={filtersOf(search)}
        read={(text) => filtersOf(toSearch(text))}
        presets={presets}
        onChoose={(filters) => onChange({ ...filtersOf({}), ...filters })}
      />
    </Filters>
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
