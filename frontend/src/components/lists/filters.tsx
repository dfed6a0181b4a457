import { useQuery } from '@tanstack/react-query'
import { type ReactNode, Suspense } from 'react'
import { listRepositoriesOptions, listUsersOptions } from '@/api/generated/@tanstack/react-query.gen'
import { part } from '@/components/part'
import { Select } from '@/components/ui/input'
import { cn } from '@/lib/cn'

const FindRepository = part(() => import('./find-repository'))
const FindPerson = part(() => import('./find-person'))

/** So many are read at once; where there are more, one is found by typing. */
const MOST = 200

/** Filters beside each other, as far as there is room. */
export function Filters({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-center gap-2">{children}</div>
}

interface Filter<T> {
  value: T | undefined
  onChange: (value: T | undefined) => void
}

interface OneOfProps<T extends string> extends Filter<T> {
  label: string
  /** What it is called when it filters nothing. */
  all: string
  options: readonly (readonly [T, ReactNode])[]
  className?: string
}

/** One of several, or all. */
export function OneOf<T extends string>({ label, all, options, value, onChange, className }: OneOfProps<T>) {
  return (
    <span className={cn('max-sm:min-w-32 max-sm:flex-1', className ?? 'w-40')}>
      <Select
        aria-label={label}
        value={value ?? ''}
        onChange={(event) => onChange(options.find(([key]) => key === event.target.value)?.[0])}
      >
        <option value="">{all}</option>
        {options.map(([key, word]) => (
          <option key={key} value={key}>
            {word}
          </option>
        ))}
      </Select>
    </span>
  )
}

interface NamedFilterProps extends Filter<string> {
  label?: string
  className?: string
}

/** One repository, or all. */
export function RepositoryFilter({ label = 'Repository', ...props }: NamedFilterProps) {
  const { data } = useQuery(listRepositoriesOptions({ query: { limit: MOST } }))
  const list = <AmongAll label={label} all="All repositories" items={data?.items} {...props} />
  if (!data?.next_cursor) return list
  return (
    <Suspense fallback={list}>
      <FindRepository label={label} {...props} />
    </Suspense>
  )
}

/** One person, or everybody. */
export function PersonFilter({ label = 'Person', ...props }: NamedFilterProps) {
  const { data } = useQuery(listUsersOptions({ query: { limit: MOST } }))
  const list = <AmongAll label={label} all="Everybody" items={data?.items} {...props} />
  if (!data?.next_cursor) return list
  return (
    <Suspense fallback={list}>
      <FindPerson label={label} known={data.items} {...props} />
    </Suspense>
  )
}

interface AmongAllProps extends NamedFilterProps {
  label: string
  all: string
  items: readonly { id: string; name: string }[] | undefined
}

function AmongAll({ items = [], value, ...props }: AmongAllProps) {
  const options = items.map(({ id, name }) => [id, name] as const)
  // Named in a link, and not among those that are here.
  const stranger = value !== undefined && !items.some(({ id }) => id === value)
  return <OneOf options={stranger ? [...options, [value, value]] : options} value={value} {...props} />
}
