import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Trophy } from 'lucide-react'
import { getRunOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Run } from '@/api/generated/types.gen'
import { StatusBadge } from '@/components/states'
import { Badge } from '@/components/ui/badge'
import { Skeleton } from '@/components/ui/skeleton'
import { Money } from '@/components/values'
import { cn } from '@/lib/cn'

/** Attempts that a run makes side by side, each a run of its own; the same strip above all of them. */
export default function SideBySide({ run }: { run: Run }) {
  const parent = useQuery({ ...getRunOptions({ path: { id: run.attempt_of ?? run.id } }), enabled: !run.attempts })
  const whole = run.attempts ? run : parent.data
  if (parent.error) return null
  if (!whole) return <Skeleton className="h-9 max-w-xl" />
  const place = { to: '/tasks/$taskId', params: { taskId: run.task.id } } as const
  return (
    <nav aria-label="Attempts side by side" className="flex flex-wrap items-stretch gap-2 text-sm">
      <Link
        {...place}
        search={{ run: whole.id }}
        aria-current={run.id === whole.id ? 'page' : undefined}
        className={cn(card, run.id === whole.id ? here : there)}
      >
        The run
        <span className="text-xs text-ink-3 max-sm:sr-only">plans, and takes the best</span>
      </Link>
      {whole.attempts?.map(({ number, run_id, status, chosen, cost_usd_micros, failure }) => (
        <Link
          key={run_id}
          {...place}
          search={{ run: run_id }}
          title={failure?.reason}
          aria-current={run.id === run_id ? 'page' : undefined}
          className={cn(card, run.id === run_id ? here : there)}
        >
          Attempt {number}
          {chosen ? (
            <Badge tone="ok" icon={<Trophy aria-hidden />}>
              Taken
            </Badge>
          ) : (
            <StatusBadge status={status} />
          )}
          <Money micros={cost_usd_micros} className="text-xs text-ink-3 max-sm:hidden" />
        </Link>
      ))}
    </nav>
  )
}

const card = 'inline-flex min-h-8 max-w-full flex-wrap items-center gap-x-2 rounded-md border px-2.5 py-1 font-medium'
const here = 'border-primary bg-surface-2'
const there = 'border-line bg-surface hover:border-line-strong'
