import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getMetricsBreakdownOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { GetMetricsBreakdownData, MetricsBy, MetricsPart } from '@/api/generated/types.gen'
import { ProblemCard } from '@/components/problem-card'
import { statuses } from '@/components/states'
import { Skeleton } from '@/components/ui/skeleton'
import { Table, Td, Th } from '@/components/ui/table'
import { Segmented } from '@/components/ui/toggle'
import { cn } from '@/lib/cn'
import { count, money, percent, short } from '@/lib/numbers'
import { insightGroupings } from '@/lib/searches'

const words: Record<MetricsBy, string> = {
  model: 'Model',
  role: 'Role',
  repository: 'Repository',
  user: 'Person',
  status: 'Status',
}

interface BreakdownProps {
  by: MetricsBy
  onBy: (by: MetricsBy) => void
  query: Omit<GetMetricsBreakdownData['query'], 'by'>
}

/** Where it went, under one heading after the other. */
export function Breakdown({ by, onBy, query }: BreakdownProps) {
  const parts = useQuery({
    ...getMetricsBreakdownOptions({ query: { ...query, by } }),
    placeholderData: keepPreviousData,
  })
  return (
    <section aria-label="Breakdown" className="min-w-0 rounded-lg border border-line bg-surface">
      <header className="flex flex-wrap items-center justify-between gap-2 px-4 py-3">
        <h2 className="text-sm font-medium">Where it went</h2>
        <div className="max-w-full overflow-x-auto [scrollbar-width:none]">
          <Segmented
            label="By"
            value={by}
            onChange={onBy}
            options={insightGroupings.map((value) => ({ value, label: words[value] }))}
          />
        </div>
      </header>
      {parts.isLoadingError ? (
        <ProblemCard error={parts.error} retry={() => void parts.refetch()} compact />
      ) : !parts.data ? (
        <div role="status" aria-label="Loading the breakdown" className="flex flex-col gap-2 p-4 pt-0">
          <Skeleton className="h-8" />
          <Skeleton className="h-8" />
        </div>
      ) : parts.data.items.length === 0 ? (
        <p className="border-t border-line px-4 py-6 text-sm text-ink-2">Nothing was begun or used in this time.</p>
      ) : (
        <div aria-busy={parts.isPlaceholderData} className={cn(parts.isPlaceholderData && 'opacity-50')}>
          <Parts by={by} parts={parts.data.items} />
        </div>
      )}
    </section>
  )
}

const nameOf = (by: MetricsBy, { key, label }: MetricsPart) =>
  by === 'status' && key in statuses ? statuses[key as keyof typeof statuses].word : label

function Parts({ by, parts }: { by: MetricsBy; parts: MetricsPart[] }) {
  const spends = parts.some(({ usage }) => usage)
  const size = (part: MetricsPart) => (spends ? (part.usage?.cost_usd_micros ?? 0) : part.runs.started)
  const all = parts.reduce((sum, part) => sum + size(part), 0)
  return (
    <Table label={`By ${words[by].toLowerCase()}`} stacks>
      <thead>
        <tr>
          <Th>{words[by]}</Th>
          <Th>
            <span className="sr-only">Share</span>
          </Th>
          {spends && <Th right>Cost</Th>}
          {spends && <Th right>Calls</Th>}
          {spends && <Th right>In</Th>}
          {spends && <Th right>Cache</Th>}
          {spends && <Th right>Out</Th>}
          <Th right>Runs</Th>
          {by !== 'status' && <Th right>Good end</Th>}
        </tr>
      </thead>
      <tbody>
        {parts.map((part) => {
          const { usage } = part
          const share = all > 0 ? size(part) / all : 0
          return (
            <tr key={part.key} className="last:[&>td]:border-b-0">
              <Td className="max-w-64 min-w-32 truncate font-medium" title={part.key}>
                {nameOf(by, part)}
              </Td>
              <Td className="min-w-28">
                <span className="flex items-center gap-2">
                  <span aria-hidden className="h-1.5 flex-1 rounded-full bg-line">
                    <span className="block h-full rounded-full bg-ink-3" style={{ width: `${share * 100}%` }} />
                  </span>
                  <span className="nums w-9 text-right text-xs text-ink-3">{percent(share)}</span>
                </span>
              </Td>
              {spends && (
                <Td right word="Cost">
                  {money(usage?.cost_usd_micros ?? 0)}
                </Td>
              )}
              {spends && (
                <Td right word="Calls">
                  {count(usage?.calls ?? 0)}
                </Td>
              )}
              {spends && (
                <Td right word="In">
                  {short(usage?.input_tokens ?? 0)}
                </Td>
              )}
              {spends && (
                <Td right word="Cache">
                  {short((usage?.cache_read_tokens ?? 0) + (usage?.cache_write_tokens ?? 0))}
                </Td>
              )}
              {spends && (
                <Td right word="Out">
                  {short(usage?.output_tokens ?? 0)}
                </Td>
              )}
              <Td right word="Runs">
                {count(part.runs.started)}
              </Td>
              {by !== 'status' && (
                <Td right word="Good end">
                  {part.runs.success_rate === undefined ? '–' : percent(part.runs.success_rate)}
                </Td>
              )}
            </tr>
          )
        })}
      </tbody>
    </Table>
  )
}
