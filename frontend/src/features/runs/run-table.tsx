import { Link } from '@tanstack/react-router'
import type { Run } from '@/api/generated/types.gen'
import { StatusBadge } from '@/components/states'
import { Table, Td, Th } from '@/components/ui/table'
import { Elapsed, Money, RelativeTime, Tokens } from '@/components/values'
import { stepWord } from './bars'

/** Runs of all tasks, with what they took. */
export function RunTable({ rows, stale }: { rows: Run[]; stale: boolean }) {
  return (
    <Table label="Runs" {...(stale ? { className: 'opacity-60' } : {})}>
      <thead>
        <tr>
          <Th>Status</Th>
          <Th>Task</Th>
          <Th>Repository</Th>
          <Th>Step</Th>
          <Th right>Cost</Th>
          <Th right>Tokens</Th>
          <Th right>Time</Th>
          <Th right>Begun</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((run) => (
          <tr key={run.id} className="hover:bg-surface-2">
            <Td>
              <StatusBadge status={run.status} />
            </Td>
            <Td className="max-w-96 min-w-40">
              <Link
                to="/tasks/$taskId"
                params={{ taskId: run.task.id }}
                search={{ run: run.id }}
                className="block truncate font-medium"
              >
                {run.task.title}
              </Link>
            </Td>
            <Td className="whitespace-nowrap text-ink-2">{run.repository.name}</Td>
            <Td className="whitespace-nowrap text-ink-2">{run.step ? stepWord(run.step) : '–'}</Td>
            <Td right>
              <Money micros={run.usage.cost_usd_micros} />
            </Td>
            <Td right className="text-ink-2">
              <Tokens n={run.usage.input_tokens + run.usage.output_tokens} />
            </Td>
            <Td right>
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
