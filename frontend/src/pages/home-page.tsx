import { useQuery } from '@tanstack/react-query'
import { Link, type LinkProps } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import type { ReactNode } from 'react'
import { getOverviewOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Status } from '@/api/generated/types.gen'
import { PageHeader } from '@/components/page-header'
import { ProblemCard } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { buttonVariants } from '@/components/ui/button'
import { Kbd } from '@/components/ui/kbd'
import { Skeleton } from '@/components/ui/skeleton'
import { Onboarding } from '@/features/home/onboarding'
import { NeedsYou, RunningNow } from '@/features/home/panels'
import { count, money } from '@/lib/numbers'
import { hereZone } from '@/lib/zones'

/** What counts as at work. */
const atWork: Status[] = ['queued', 'planning', 'running']

export default function HomePage() {
  const me = useMe()
  const { data, error, refetch } = useQuery(getOverviewOptions({ query: { time_zone: hereZone() } }))
  return (
    <>
      <PageHeader
        title="Home"
        lead={`Hello, ${me.name}.`}
        actions={
          <Link to="/tasks" search={{ new: true }} className={buttonVariants({ look: 'primary' })}>
            <Plus aria-hidden /> New task <Kbd keys="c" className="ml-1 max-md:hidden" />
          </Link>
        }
      />
      {error && !data ? (
        <ProblemCard error={error} retry={() => void refetch()} />
      ) : (
        <div className="flex flex-col gap-4 px-4 pb-6 lg:px-6">
          <dl className="grid grid-cols-2 gap-3 xl:grid-cols-4">
            <Figure to="/approvals" word="Needs you" value={data && count(data.needs_me.total)} />
            <Figure to="/tasks" search={{ status: atWork }} word="At work" value={data && count(data.running_total)} />
            <Figure
              to="/insights"
              search={{ range: '24h' }}
              word="Spent today"
              value={data && money(data.spent_today_usd_micros)}
            />
            <Figure
              to="/insights"
              search={{ range: '7d' }}
              word="Spent since Monday"
              value={data && money(data.spent_week_usd_micros)}
            />
          </dl>
          {data ? (
            <>
              <Onboarding done={data.onboarding} />
              <div className="grid items-start gap-4 xl:grid-cols-2">
                <NeedsYou waiting={data.waiting} failed={data.failed} total={data.needs_me.total} />
                <RunningNow runs={data.running} total={data.running_total} />
              </div>
            </>
          ) : (
            <div role="status" aria-label="Loading" className="grid gap-4 xl:grid-cols-2">
              <Skeleton className="h-56" />
              <Skeleton className="h-56" />
            </div>
          )}
        </div>
      )}
    </>
  )
}

/** A number, and the way to what it counts. */
function Figure({ word, value, ...to }: { word: string; value: ReactNode } & LinkProps) {
  return (
    <div className="relative rounded-lg border border-line bg-surface px-4 py-3 hover:border-line-strong">
      <dt className="text-xs text-ink-3">
        <Link {...to} className="after:absolute after:inset-0 after:rounded-lg">
          {word}
        </Link>
      </dt>
      <dd className="nums mt-0.5 text-xl font-semibold">{value || <Skeleton className="h-7 w-16" />}</dd>
    </div>
  )
}
