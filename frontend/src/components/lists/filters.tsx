import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { listRepositoriesOptions } from '@/api/generated/@tanstack/react-query.gen'
import { Select } from '@/components/ui/input'

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
    <span className={className ?? 'w-40'}>
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

export function RepositoryFilter(props: Filter<string> & { className?: string }) {
  const { data } = useQuery(listRepositoriesOptions({ query: { limit: 200 } }))
  const options = data?.items.map(({ id, name }) => [id, name] as const) ?? []
  return <OneOf label="Repository" all="All repositories" options={options} {...props} />
}
