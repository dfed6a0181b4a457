import { Link, useNavigate } from '@tanstack/react-router'
import type { Run } from '@/api/generated/types.gen'
import { CalmRows } from '@/components/lists/calm-rows'
import { useCalm } from '@/components/lists/use-calm'
import { useRows } from '@/components/lists/use-rows'
import { StatusBadge } from '@/components/states'
import { Work } from '@/components/steps'
import { Table, Td, Th } from '@/components/ui/table'
import { Cost, Elapsed, RelativeTime, Tokens } from '@/components/values'
import { cn } from '@/lib/cn'

/** Runs of all tasks, with what they took. */
export function RunTable({ rows, stale }: { rows: Run[]; stale: boolean }) {
  const navigate = useNavigate()
  const calm = useCalm(rows)
  const current = useRows(calm.shown, (id) => {
    const run = rows.find((one) => one.id === id)
    if (run) void navigate({ to: '/tasks/$taskId', params: { taskId: run.task.id }, search: { run: id } })
  })
  return (
    <CalmRows calm={calm}>
      <Table label="Runs" {...(stale ? { className: 'opacity-60' } : {})}>
        <thead>
          <tr>
            <Th className="max-md:hidden">Status</Th>
            <Th className="max-md:pl-4">Task</Th>
            <Th className="max-md:hidden">Repository</Th>
            <Th className="max-md:hidden">Now</Th>
            <Th right className="max-md:pr-4">
              Cost
            </Th>
            <Th right className="max-md:hidden">
              Tokens
            </Th>
            <Th right className="max-md:hidden">
              Time
            </Th>
            <Th right className="max-md:hidden">
              Begun
            </Th>
          </tr>
        </thead>
        <tbody>
          {calm.shown.map((run) => (
            <tr
              key={run.id}
              data-row={run.id}
              className={cn('hover:bg-surface-2', run.id === current && 'shadow-[inset_2px_0_0_var(--focus)]')}
            >
              <Td className="max-md:hidden">
                <StatusBadge status={run.status} />
              </Td>
              <Td className="max-w-96 min-w-40 max-md:w-full max-md:max-w-0 max-md:py-2 max-md:pl-4!">
                <Link
                  to="/tasks/$taskId"
                  params={{ taskId: run.task.id }}
                  search={{ run: run.id }}
                  className="block font-medium max-md:line-clamp-2 md:truncate"
                >
                  {run.task.title}
                </Link>
                <span className="mt-1 flex items-center gap-2 text-xs text-ink-3 md:hidden">
                  <StatusBadge status={run.status} />
                  <span className="min-w-0 truncate">{run.repository.name}</span>
                  <RelativeTime at={run.created_at} className="ml-auto" />
                </span>
              </Td>
              <Td className="whitespace-nowrap text-ink-2 max-md:hidden">{run.repository.name}</Td>
              <Td className="max-w-48 text-xs whitespace-nowrap max-md:hidden">
                <Work status={run.status} step={run.step} result={run.result} />
              </Td>
              <Td right className="max-md:py-2 max-md:pr-4 max-md:align-top">
                <Cost usage={run.usage} />
              </Td>
              <Td right className="text-ink-2 max-md:hidden">
                <Tokens n={run.usage.input_tokens + run.usage.output_tokens} />
              </Td>
              <Td right className="max-md:hidden">
                <Elapsed from={run.created_at} to={run.ended_at} />
              </Td>
              <Td right className="text-ink-3 max-md:hidden">
                <RelativeTime at={run.created_at} />
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </CalmRows>
  )
}
