import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ScrollText } from 'lucide-react'
import { useState } from 'react'
import { listAuditEntriesQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { listAuditEntries } from '@/api/generated/sdk.gen'
import type { AuditEntry } from '@/api/generated/types.gen'
import { itemsOf, pagesOptions } from '@/api/pages'
import { Empty } from '@/components/empty'
import { LoadMore } from '@/components/load-more'
import { PageHeader } from '@/components/page-header'
import { ProblemCard } from '@/components/problem-card'
import { Button } from '@/components/ui/button'
import { Input } from '@/components/ui/input'
import { SkeletonRows } from '@/components/ui/skeleton'
import { Table, Td, Th } from '@/components/ui/table'
import { AuditDetail } from '@/features/audit/audit-detail'
import { VerifyChain } from '@/features/audit/verify-chain'
import { exact } from '@/lib/dates'

export default function AuditPage() {
  const { action, subject } = useSearch({ from: '/shell/audit' })
  const navigate = useNavigate({ from: '/audit' })
  const [open, setOpen] = useState<AuditEntry>()
  const filter = { action, subject, limit: 50 }
  const query = useInfiniteQuery({
    ...pagesOptions(listAuditEntriesQueryKey({ query: filter }), (cursor, signal) =>
      listAuditEntries({ query: { ...filter, cursor }, signal }),
    ),
    placeholderData: keepPreviousData,
  })
  const items = itemsOf(query.data)
  const set = (change: { action?: string | undefined; subject?: string | undefined }) =>
    void navigate({ search: { action, subject, ...change }, replace: true })
  return (
    <>
      <PageHeader title="Audit log" lead="Who did what. Entries are only ever added." actions={<VerifyChain />}>
        <div className="flex flex-wrap gap-2">
          <span className="w-44">
            <Input
              type="search"
              aria-label="Action"
              placeholder="Action, like task.created"
              defaultValue={action ?? ''}
              onBlur={(event) => set({ action: event.target.value || undefined })}
              onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
            />
          </span>
          <span className="w-64">
            <Input
              type="search"
              aria-label="What it was done to"
              placeholder="Id of a task, a user…"
              defaultValue={subject ?? ''}
              onBlur={(event) => set({ subject: event.target.value || undefined })}
              onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
            />
          </span>
        </div>
      </PageHeader>
      {query.isLoadingError ? (
        <ProblemCard error={query.error} retry={() => void query.refetch()} />
      ) : !items ? (
        <SkeletonRows label="Loading entries" />
      ) : items.length === 0 ? (
        <Empty
          icon={<ScrollText />}
          title="No entry fits"
          action={<Button onClick={() => set({ action: undefined, subject: undefined })}>Show all entries</Button>}
        />
      ) : (
        <Table label="Entries" {...(query.isPlaceholderData ? { className: 'opacity-60' } : {})}>
          <thead>
            <tr>
              <Th right className="max-md:hidden">
                No.
              </Th>
              <Th className="max-md:pl-4">When</Th>
              <Th className="max-md:hidden">Who</Th>
              <Th>What</Th>
              <Th className="max-md:hidden">To what</Th>
            </tr>
          </thead>
          <tbody>
            {items.map((entry) => (
              <tr key={entry.seq} className="hover:bg-surface-2">
                <Td right className="text-ink-3 max-md:hidden">
                  {entry.seq}
                </Td>
                <Td className="nums text-xs whitespace-nowrap text-ink-2 max-md:pl-4">{exact(entry.at)}</Td>
                <Td className="max-w-48 truncate max-md:hidden">{entry.actor}</Td>
                <Td>
                  <button type="button" className="font-medium text-link" onClick={() => setOpen(entry)}>
                    {entry.action}
                  </button>
                  {/* Where there is no room for columns; the rest stands in the entry itself. */}
                  <span className="block truncate text-xs text-ink-3 md:hidden">{entry.actor}</span>
                </Td>
                <Td className="max-w-72 truncate max-md:hidden">
                  <code className="text-xs">{entry.subject}</code>
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      <LoadMore more={query.hasNextPage} busy={query.isFetchingNextPage} onMore={() => void query.fetchNextPage()} />
      <AuditDetail entry={open} onClose={() => setOpen(undefined)} />
    </>
  )
}
