import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { CircleCheckBig, ExternalLink } from 'lucide-react'
import type { Run } from '@/api/generated/types.gen'
import { approvals } from '@/api/whole'
import { Empty } from '@/components/empty'
import { CalmRows } from '@/components/lists/calm-rows'
import { useCalm } from '@/components/lists/use-calm'
import { PageHeader } from '@/components/page-header'
import { ProblemCard } from '@/components/problem-card'
import { buttonVariants } from '@/components/ui/button'
import { SkeletonRows } from '@/components/ui/skeleton'
import { useKeys } from '@/components/use-keys'
import { ApprovalList } from '@/features/approvals/approval-list'
import { DeliveryPreview } from '@/features/approvals/delivery-preview'
import PlanTab from '@/features/plans/plan-tab'
import WaitingBanner from '@/features/runs/waiting-banner'

const none: Run[] = []

export default function ApprovalsPage() {
  const { id } = useSearch({ from: '/shell/approvals' })
  const navigate = useNavigate({ from: '/approvals' })
  const query = useQuery(approvals())
  const calm = useCalm(query.data?.items ?? none)
  const items = calm.shown
  const current = items.find((approval) => approval.id === id) ?? items[0]
  const open = (next: string | undefined) => void navigate({ search: { id: next }, replace: true })
  const move = (by: 1 | -1) => {
    const at = items.findIndex((approval) => approval.id === current?.id)
    open(items[Math.min(items.length - 1, Math.max(0, at + by))]?.id)
  }
  useKeys([
    { keys: 'j', label: 'Next', group: 'Lists', run: () => move(1) },
    { keys: 'k', label: 'Previous', group: 'Lists', run: () => move(-1) },
  ])
  return (
    <>
      <PageHeader title="Approvals" lead="Everything that waits for a person. Waiting costs nothing." />
      {query.isLoadingError ? (
        <ProblemCard error={query.error} retry={() => void query.refetch()} />
      ) : !query.data ? (
        <SkeletonRows label="Loading approvals" />
      ) : !current ? (
        <Empty icon={<CircleCheckBig />} title="Nothing waits for you">
          Plans, questions, budgets and deliveries show up here as soon as a task needs you.
        </Empty>
      ) : (
        <div className="flex min-h-0 flex-1 flex-col border-t border-line lg:grid lg:grid-cols-[22rem_minmax(0,1fr)]">
          <CalmRows
            calm={calm}
            className="shrink-0 overflow-y-auto border-line max-lg:max-h-52 max-lg:border-b max-lg:border-line-strong lg:border-r"
          >
            <ApprovalList items={items} current={current.id} onOpen={open} />
          </CalmRows>
          <Preview key={current.id} run={current} />
        </div>
      )}
    </>
  )
}

/** What is to be decided, with all that one needs for it. */
function Preview({ run }: { run: Run }) {
  const navigate = useNavigate()
  const to = (tab: 'plan' | 'checks') =>
    void navigate({ to: '/tasks/$taskId', params: { taskId: run.task.id }, search: { run: run.id, tab } })
  return (
    <section aria-label={run.task.title} className="flex min-h-0 min-w-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-4 py-2 max-lg:bg-surface-2 lg:px-6">
        <h2 className="min-w-0 flex-1 font-semibold">{run.task.title}</h2>
        <Link
          to="/tasks/$taskId"
          params={{ taskId: run.task.id }}
          search={{ run: run.id }}
          className={buttonVariants({ size: 'sm' })}
        >
          <ExternalLink aria-hidden /> Open the task
        </Link>
      </div>
      {run.status === 'awaiting_plan' ? (
        <PlanTab run={run} />
      ) : (
        <>
          <div className="shrink-0 p-4 lg:px-6">
            <WaitingBanner run={run} onPlan={() => to('plan')} onChecks={() => to('checks')} />
          </div>
          {run.status === 'awaiting_delivery' && <DeliveryPreview run={run} />}
        </>
      )}
    </section>
  )
}
