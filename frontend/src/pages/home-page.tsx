import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import type { ReactNode } from 'react'
import {
  listApprovalsOptions,
  listRepositoriesOptions,
  listTasksOptions,
  listUsersOptions,
} from '@/api/generated/@tanstack/react-query.gen'
import { may } from '@/api/me'
import { PageHeader } from '@/components/page-header'
import { ProblemCard } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { buttonVariants } from '@/components/ui/button'
import { Kbd } from '@/components/ui/kbd'
import { Skeleton } from '@/components/ui/skeleton'
import { Onboarding } from '@/features/home/onboarding'
import { NeedsYou, RunningNow } from '@/features/home/panels'
import { count, money } from '@/lib/numbers'

export default function HomePage() {
  const me = useMe()
  const approvals = useQuery(listApprovalsOptions())
  const running = useQuery(listTasksOptions({ query: { status: ['queued', 'planning', 'running'], limit: 20 } }))
  const failed = useQuery(listTasksOptions({ query: { status: ['failed', 'needs_human'], limit: 10 } }))
  const newest = useQuery(listTasksOptions({ query: { limit: 100 } }))
  const repositories = useQuery(listRepositoriesOptions({ query: { limit: 1 } }))
  const people = useQuery({ ...listUsersOptions({ query: { limit: 2 } }), enabled: may(me, 'people') })
  const all = [approvals, running, failed, newest, repositories]
  const error = all.find((query) => query.error)?.error
  const today = new Date().toDateString()
  const spent = newest.data?.items
    .filter(({ created_at }) => new Date(created_at).toDateString() === today)
    .reduce((sum, task) => sum + task.cost_usd_micros, 0)
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
      {error ? (
        <ProblemCard error={error} retry={() => void Promise.all(all.map((query) => query.refetch()))} />
      ) : (
        <div className="flex flex-col gap-4 px-4 pb-6 lg:px-6">
          <dl className="grid grid-cols-2 gap-3 xl:grid-cols-4">
            <Figure word="Waits for you" value={approvals.data && count(approvals.data.items.length)} />
            <Figure word="At work" value={running.data && count(running.data.items.length)} />
            <Figure word="Went wrong" value={failed.data && count(failed.data.items.length)} />
            <Figure word="Cost of today’s tasks" value={spent !== undefined && money(spent)} />
          </dl>
          {repositories.data && newest.data && (
            <Onboarding
              done={{
                repository: repositories.data.items.length > 0,
                task: newest.data.items.length > 0,
                team: people.data ? people.data.items.length > 1 : !may(me, 'people'),
              }}
            />
          )}
          {approvals.data && running.data && failed.data ? (
            <div className="grid items-start gap-4 xl:grid-cols-2">
              <NeedsYou waiting={approvals.data.items} failed={failed.data.items} />
              <RunningNow tasks={running.data.items} />
            </div>
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

function Figure({ word, value }: { word: string; value: ReactNode }) {
  return (
    <div className="rounded-lg border border-line bg-surface px-4 py-3">
      <dt className="text-xs text-ink-3">{word}</dt>
      <dd className="nums mt-0.5 text-xl font-semibold">{value || <Skeleton className="h-7 w-16" />}</dd>
    </div>
  )
}
