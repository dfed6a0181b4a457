import { Link } from '@tanstack/react-router'
import type { Run } from '@/api/generated/types.gen'
import { StatusBadge } from '@/components/states'
import { Work } from '@/components/steps'
import { Table, Td, Th } from '@/components/ui/table'
import { Elapsed, Money, RelativeTime, Tokens } from '@/components/values'

/** Runs of all tasks, with what they took. */
export function RunTable({ rows, stale }: { rows: Run[]; stale: boolean }) {
  return (
    <Table label="Runs" {...(stale ? { className: 'opacity-60' } : {})}>
      <thead>
        <tr>
          <Th className="max-md:hidden">Status</Th>
          <Th className="max-md:pl-4">Task</Th>
          <Th className="max-md:hidden">Repository</Th>
          <Th className="max-md:hidden">Now</Th>
          <Th right>Cost</Th>
          <Th right className="max-md:hidden">
            Tokens
          </Th>
          <Th right className="max-md:hidden">
            Time
          </Th>
          <Th right>Begun</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((run) => (
          <tr key={run.id} className="hover:bg-surface-2">
            <Td className="max-md:hidden">
              <StatusBadge status={run.status} />
            </Td>
            <Td className="max-w-96 min-w-40 max-md:w-full max-md:max-w-0 max-md:py-2 max-md:pl-4!">
              <Link
                to="/tasks/$taskId"
                params={{ taskId: run.task.id }}
                search={{ run: run.id }}
                className="block truncate font-medium"
              >
                {run.task.title}
              </Link>
              <span className="mt-1 flex items-center gap-2 text-xs text-ink-3 md:hidden">
                <StatusBadge status={run.status} />
                <span className="truncate">{run.repository.name}</span>
              </span>
            </Td>
            <Td className="whitespace-nowrap text-ink-2 max-md:hidden">{run.repository.name}</Td>
            <Td className="max-w-48 text-xs whitespace-nowrap max-md:hidden">
              <Work status={run.status} step={run.step} result={run.result} />
            </Td>
            <Td right>
              <Money micros={run.usage.cost_usd_micros} />
            </Td>
            <Td right className="text-ink-2 max-md:hidden">
              <Tokens n={run.usage.input_tokens + run.usage.output_tokens} />
            </Td>
            <Td right className="max-md:hidden">
              <Elapsed from={run.created_at} to={run.ended_at} />
            </Td>
            <Td right className="text-ink-3">
              <RelativeTime at={run.created_at} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
