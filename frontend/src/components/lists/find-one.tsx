import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Check, ChevronDown } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { itemsOf, type pagesOptions } from '@/api/pages'
import { Button } from '@/components/ui/button'
import { Popover } from '@/components/ui/popover'
import { cn } from '@/lib/cn'
import { LoadMore } from './load-more'
import { TextFilter } from './text-filter'

interface FindOneProps<T> {
  label: string
  /** What it is called when it filters nothing. */
  all: string
  value: string | undefined
  /** What the one that is chosen is called. */
  chosen: string | undefined
  onChange: (value: string | undefined) => void
  /** Those that fit these words, page by page. */
  pages: (q: string) => ReturnType<typeof pagesOptions<{ items: T[]; next_cursor?: string }>>
  named: (item: T) => { id: string; name: string }
  className?: string | undefined
}

/** One of more than a list can show: found by typing, or by going on. */
export function FindOne<T>({ label, all, value, chosen, onChange, pages, named, className }: FindOneProps<T>) {
  const [open, setOpen] = useState(false)
  const choose = (next: string | undefined) => {
    onChange(next)
    setOpen(false)
  }
  return (
    <span className={cn('max-sm:min-w-32 max-sm:flex-1', className ?? 'w-40')}>
      <Popover
        label={label}
        open={open}
        onOpenChange={setOpen}
        trigger={
          <Button className="w-full justify-between px-2.5 font-normal" aria-label={`${label}: ${chosen ?? all}`}>
            <span className="truncate">{chosen ?? all}</span>
            <ChevronDown aria-hidden className="text-ink-3" />
          </Button>
        }
      >
        <Found label={label} all={all} value={value} onChoose={choose} pages={pages} named={named} />
      </Popover>
    </span>
  )
}

interface FoundProps<T> extends Pick<FindOneProps<T>, 'label' | 'all' | 'value' | 'pages' | 'named'> {
  onChoose: (value: string | undefined) => void
}

function Found<T>({ label, all, value, onChoose, pages, named }: FoundProps<T>) {
  const [q, setQ] = useState('')
  const found = useInfiniteQuery({ ...pages(q), placeholderData: keepPreviousData })
  const items = itemsOf(found.data)?.map(named)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys lead from the box into the list
    <div onKeyDown={goOn} className="flex max-h-80 flex-col">
      <div className="shrink-0 border-b border-line p-2">
        <TextFilter
          label={`Find: ${label.toLowerCase()}`}
          placeholder="Find by name"
          text={q}
          onText={setQ}
          className="w-full"
        />
      </div>
      <ul aria-label={label} aria-busy={found.isFetching} className="min-h-0 overflow-y-auto p-1">
        {q === '' && <Choice name={all} here={value === undefined} onChoose={() => onChoose(undefined)} />}
        {items?.map(({ id, name }) => (
          <Choice key={id} name={name} here={id === value} onChoose={() => onChoose(id)} />
        ))}
        {items?.length === 0 && <li className="px-2 py-3 text-sm text-ink-2">None is called so.</li>}
        {found.error && <li className="px-2 py-3 text-sm text-bad">{found.error.message}</li>}
        <li>
          <LoadMore
            more={found.hasNextPage}
            busy={found.isFetchingNextPage}
            onMore={() => void found.fetchNextPage()}
          />
        </li>
      </ul>
    </div>
  )
}

function Choice({ name, here, onChoose }: { name: string; here: boolean; onChoose: () => void }) {
  return (
    <li>
      <button
        type="button"
        data-choice
        aria-pressed={here}
        onClick={onChoose}
        className="flex min-h-8 w-full items-center gap-2 rounded-sm px-2 text-left text-sm hover:bg-surface-2 focus-visible:-outline-offset-2"
      >
        <span className="min-w-0 flex-1 truncate">{name}</span>
        {here && <Check aria-hidden className="size-4 shrink-0 text-ink-3" />}
      </button>
    </li>
  )
}

/** Up and down go through the box and what was found, as in every list of choices. */
function goOn(event: KeyboardEvent<HTMLElement>) {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('input, [data-choice]')]
  const at = event.target instanceof HTMLElement ? all.indexOf(event.target) : -1
  event.preventDefault()
  all[Math.max(0, Math.min(all.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1)))]?.focus()
}
