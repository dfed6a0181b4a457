import { Link } from '@tanstack/react-router'
import { CornerDownRight, GitFork, Trophy } from 'lucide-react'
import { Fragment, type ReactNode, Suspense } from 'react'
import type { Attempt, Run } from '@/api/generated/types.gen'
import { part } from '@/components/part'
import { StatusBadge } from '@/components/states'
import { results } from '@/components/steps'
import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { SkeletonRows } from '@/components/ui/skeleton'
import { Table, Td, Th } from '@/components/ui/table'
import { Cost, Elapsed, Money, RelativeTime } from '@/components/values'
import { forest } from './forest'

const Compare = part(() => import('./compare'))

/** All runs of a task: attempts, and forks below what they were forked from. */
export default function AttemptsTab({
  runs,
  current,
  taskId,
  beside,
  onBeside,
}: {
  runs: Run[]
  current: string
  taskId: string
  /** The run that the open one is compared with. */
  beside: string | undefined
  onBeside: (run: string | undefined) => void
}) {
  const least = Math.min(
    ...runs.filter(({ status }) => status === 'succeeded').map(({ usage }) => usage.cost_usd_micros),
  )
  const names = new Map(
    forest(runs).flatMap(({ run, number }) => [
      [run.id, `Run ${number}`] as const,
      ...(run.attempts ?? []).map((one) => [one.run_id, `Attempt ${one.number} of run ${number}`] as const),
    ]),
  )
  const named = (id: string) => ({ id, name: names.get(id) ?? 'Another run' })
  const compare = (id: string) =>
    id !== current && (
      <Button
        size="sm"
        look="quiet"
        aria-pressed={id === beside}
        aria-label={`Compare ${named(id).name} with ${named(current).name}`}
        onClick={() => onBeside(id === beside ? undefined : id)}
      >
        Compare
      </Button>
    )
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <Table label="Attempts" stacks>
        <thead>
          <tr>
            <Th>Attempt</Th>
            <Th>Status</Th>
            <Th className="max-md:hidden">Came to</Th>
            <Th right>Cost</Th>
            <Th right className="max-md:hidden">
              Time
            </Th>
            <Th right className="max-md:hidden">
              Begun
            </Th>
            <Th>
              <span className="sr-only">Compare</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {forest(runs).map(({ run, depth, number }) => (
            <Fragment key={run.id}>
              <tr className={run.id === current ? 'bg-surface-2' : undefined}>
                <Td>
                  <span
                    className="flex flex-wrap items-center gap-x-1.5 md:whitespace-nowrap"
                    style={{ paddingLeft: `${depth * 1.25}rem` }}
                  >
                    {depth > 0 && <GitFork aria-label="Fork" className="size-4 shrink-0 text-ink-3" />}
                    <Link
                      to="/tasks/$taskId"
                      params={{ taskId }}
                      search={{ run: run.id }}
                      className="font-medium text-link"
                      aria-current={run.id === current || undefined}
                    >
                      Run {number}
                    </Link>
                    {run.fork_seq !== undefined && (
                      <span className="text-xs text-ink-3">from event {run.fork_seq}</span>
                    )}
                  </span>
                  {(run.result ?? run.failure) && (
                    <div className="text-xs text-ink-2 md:hidden">
                      <CameTo run={run} />
                    </div>
                  )}
                </Td>
                <Td word="">
                  <StatusBadge status={run.status} />
                </Td>
                <Td className="min-w-44 text-ink-2 max-md:hidden">
                  <CameTo run={run} />
                </Td>
                <Td right word="Cost">
                  <Cost usage={run.usage} />
                  {run.status === 'succeeded' && runs.length > 1 && run.usage.cost_usd_micros === least && (
                    <span className="block text-xs text-ok">least</span>
                  )}
                </Td>
                <Td right className="max-md:hidden">
                  <Elapsed from={run.created_at} to={run.ended_at} />
                </Td>
                <Td right className="max-md:hidden">
                  <RelativeTime at={run.created_at} />
                </Td>
                <Td right>{compare(run.id)}</Td>
              </tr>
              {run.attempts?.map((one) => (
                <SideRow key={one.run_id} one={one} depth={depth + 1} current={current} taskId={taskId}>
                  {compare(one.run_id)}
                </SideRow>
              ))}
            </Fragment>
          ))}
        </tbody>
      </Table>
      <Suspense fallback={<SkeletonRows />}>
        {beside && beside !== current && (
          <Compare left={named(current)} right={named(beside)} onClose={() => onBeside(undefined)} />
        )}
      </Suspense>
    </div>
  )
}

/** What a run came to, and where that is to be found. */
function CameTo({ run }: { run: Run }) {
  return (
    <>
      {(run.result && results[run.result]) ?? run.failure?.reason ?? '–'}
      {run.branch && <code className="block text-xs wrap-anywhere text-ink-3">{run.branch}</code>}
      {run.pull_request && (
        <a
          href={run.pull_request.url}
          target="_blank"
          rel="noreferrer"
          className="inline-block min-h-6 text-xs text-link hover:underline"
        >
          Pull request #{run.pull_request.number}
        </a>
      )}
    </>
  )
}

interface SideRowProps {
  one: Attempt
  depth: number
  current: string
  taskId: string
  /** What can be done with it. */
  children: ReactNode
}

/** One of several attempts that a run makes side by side; what it costs counts to that run. */
function SideRow({ one, depth, current, taskId, children }: SideRowProps) {
  const came = one.chosen ? (
    <Badge tone="ok" icon={<Trophy aria-hidden />}>
      Taken
    </Badge>
  ) : (
    ((one.result && results[one.result]) ?? one.failure?.reason ?? '–')
  )
  return (
    <tr className={one.run_id === current ? 'bg-surface-2' : undefined}>
      <Td>
        <span className="flex items-center gap-1.5 whitespace-nowrap" style={{ paddingLeft: `${depth * 1.25}rem` }}>
          <CornerDownRight aria-hidden className="size-4 shrink-0 text-ink-3" />
          <Link
            to="/tasks/$taskId"
            params={{ taskId }}
            search={{ run: one.run_id }}
            className="text-link"
            aria-current={one.run_id === current || undefined}
          >
            Attempt {one.number}
          </Link>
        </span>
        {(one.chosen ?? one.result ?? one.failure) && (
          <div className="text-xs text-ink-2 md:hidden" style={{ paddingLeft: `${depth * 1.25}rem` }}>
            {came}
          </div>
        )}
      </Td>
      <Td word="">
        <StatusBadge status={one.status} />
      </Td>
      <Td className="min-w-44 text-ink-2 max-md:hidden">{came}</Td>
      <Td right word="Cost">
        <Money micros={one.cost_usd_micros} />
      </Td>
      <Td className="max-md:hidden" />
      <Td className="max-md:hidden" />
      <Td right>{children}</Td>
    </tr>
  )
}
