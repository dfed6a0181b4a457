import { useQuery } from '@tanstack/react-query'
import { CircleAlert, CircleCheck } from 'lucide-react'
import { type Part, readiness } from '@/api/readiness'
import { Badge } from '@/components/ui/badge'
import { Skeleton } from '@/components/ui/skeleton'

/** What it means that one of them is down. */
const lacks: Record<string, string> = {
  database: 'Nothing can be read or kept.',
  schema: 'The tables are not those that this version needs.',
  worker: 'The worker of this process takes up nothing that was asked for.',
}

/** Which part of the server is down, if one is. */
export function Readiness() {
  const { data: parts, error } = useQuery(readiness())
  if (!parts && error)
    return <p className="text-sm text-ink-2">The server does not say how its parts are: {error.message}</p>
  if (!parts) return <Skeleton className="h-6 w-64" />
  return (
    <div role="status" className="flex flex-col gap-2 text-sm">
      {parts.some(({ down }) => down) && (
        <p className="text-ink-2">
          The server is not ready. It names what is down; the rest answered, or was not asked.
        </p>
      )}
      <ul aria-label="Parts of the server" className="flex flex-col gap-1.5">
        {parts.map((part) => (
          <PartLine key={part.name} part={part} />
        ))}
      </ul>
    </div>
  )
}

function PartLine({ part: { name, state, down } }: { part: Part }) {
  return (
    <li className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
      <Badge tone={down ? 'bad' : 'ok'} icon={down ? <CircleAlert aria-hidden /> : <CircleCheck aria-hidden />}>
        {down ? 'Down' : 'Works'}
      </Badge>
      <span className="font-medium first-letter:uppercase">{name}</span>
      <span className="text-ink-2">{state}</span>
      {down && lacks[name] && <span className="basis-full text-xs text-ink-2">{lacks[name]}</span>}
    </li>
  )
}
