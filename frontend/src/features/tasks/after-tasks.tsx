import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { Plus, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { listTasksOptions } from '@/api/generated/@tanstack/react-query.gen'
import { StatusBadge } from '@/components/states'
import { Button } from '@/components/ui/button'
import { Field, FieldNote } from '@/components/ui/field'
import { Input } from '@/components/ui/input'

export interface Named {
  id: string
  title: string
}

interface AfterTasksProps {
  chosen: Named[]
  onChange: (chosen: Named[]) => void
  error?: string | undefined
}

/** Tasks that have to succeed first, found by their titles. */
export function AfterTasks({ chosen, onChange, error }: AfterTasksProps) {
  const cache = useQueryClient()
  const [open, setOpen] = useState(chosen.length > 0)
  const [typed, setTyped] = useState('')
  const [asked, setAsked] = useState('')
  // One question for a pause in typing.
  useEffect(() => {
    const timer = setTimeout(() => setAsked(typed.trim()), 200)
    return () => clearTimeout(timer)
  }, [typed])
  const found = useQuery({
    ...listTasksOptions({ query: { limit: 6, ...(asked ? { q: asked } : {}) } }),
    enabled: open,
    placeholderData: keepPreviousData,
  })
  if (!open)
    return (
      <Button look="quiet" size="sm" className="-mt-1 self-start" onClick={() => setOpen(true)}>
        <Plus /> Wait for other tasks first
      </Button>
    )
  const wanted = typed.trim().toLowerCase()
  /** Chooses the first that is called so, also before the list has come. */
  const first = async () => {
    const { items } = await cache.fetchQuery(listTasksOptions({ query: { limit: 6, q: typed.trim() } }))
    const found = items.find(({ id }) => chosen.every((one) => one.id !== id))
    if (!found) return
    onChange([...chosen, { id: found.id, title: found.title }])
    setTyped('')
  }
  // What is here may still be the answer to what was typed before.
  const offered = (found.data?.items ?? []).filter(
    ({ id, title }) => title.toLowerCase().includes(wanted) && chosen.every((one) => one.id !== id),
  )
  return (
    <fieldset className="flex min-w-0 flex-col gap-2 rounded-md border border-line p-3">
      <legend className="px-1 text-sm font-medium">Begins when these have succeeded</legend>
      {chosen.length > 0 && (
        <ul aria-label="Chosen tasks" className="flex flex-wrap gap-1.5">
          {chosen.map(({ id, title }) => (
            <li
              key={id}
              className="inline-flex max-w-full items-center gap-1 rounded-sm bg-surface-2 py-0.5 pr-0.5 pl-2 text-xs"
            >
              <span className="truncate">{title}</span>
              <button
                type="button"
                aria-label={`Do not wait for ${title}`}
                className="grid size-6 shrink-0 place-items-center rounded-sm text-ink-3 hover:text-ink"
                onClick={() => onChange(chosen.filter((one) => one.id !== id))}
              >
                <X aria-hidden className="size-3.5" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <Field label="Find a task" quiet>
        <Input
          type="search"
          placeholder="Find a task by its title"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.metaKey || event.ctrlKey) return
            // Enter chooses, and does not send the form.
            event.preventDefault()
            if (wanted !== '') void first()
          }}
        />
      </Field>
      <ul aria-label="Tasks to wait for" className="flex flex-col" aria-busy={found.isFetching}>
        {offered.map(({ id, title, status }) => (
          <li key={id}>
            <button
              type="button"
              className="flex min-h-8 w-full items-center gap-2 rounded-sm px-2 text-left text-sm hover:bg-surface-2"
              onClick={() => onChange([...chosen, { id, title }])}
            >
              <Plus aria-hidden className="size-3.5 shrink-0 text-ink-3" />
              <span className="min-w-0 flex-1 truncate">{title}</span>
              <StatusBadge status={status} size="sm" />
            </button>
          </li>
        ))}
        {found.data && !found.isFetching && typed.trim() === asked && offered.length === 0 && (
          <li className="px-2 text-xs text-ink-3">No other task is called so.</li>
        )}
      </ul>
      {error && <FieldNote>{error}</FieldNote>}
    </fieldset>
  )
}
