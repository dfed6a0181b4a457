import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ScrollText } from 'lucide-react'
import { useEffect } from 'react'
import { listAuditEntriesQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { listAuditEntries } from '@/api/generated/sdk.gen'
import { itemsOf, pagesOptions } from '@/api/pages'
import { Empty } from '@/components/empty'
import { Listed } from '@/components/lists/listed'
import { PageHeader } from '@/components/page-header'
import { Button } from '@/components/ui/button'
import { Table, Td, Th } from '@/components/ui/table'
import { AuditDetail } from '@/features/audit/audit-detail'
import { AuditFilters } from '@/features/audit/audit-filters'
import { ExportEntries } from '@/features/audit/export-entries'
import { auditQuery } from '@/features/audit/query'
import { VerifyChain } from '@/features/audit/verify-chain'
import { exact } from '@/lib/dates'
import type { AuditSearch } from '@/lib/searches'

export default function AuditPage() {
  const search = useSearch({ from: '/shell/audit' })
  const navigate = useNavigate({ from: '/audit' })
  const filter = { ...auditQuery(search), limit: 50 }
  const query = useInfiniteQuery({
    ...pagesOptions(listAuditEntriesQueryKey({ query: filter }), (cursor, signal) =>
      listAuditEntries({ query: { ...filter, cursor }, signal }),
    ),
    placeholderData: keepPreviousData,
  })
  const items = itemsOf(query.data)
  const set = (change: AuditSearch) =>
    void navigate({ search: (before: AuditSearch) => ({ ...before, ...change }), replace: true })
  const open = items?.find(({ seq }) => seq === search.e)
  // A link may lead to an entry that is not on the first page.
  const further =
    search.e !== undefined && !open && query.hasNextPage && !query.isFetching && (items?.at(-1)?.seq ?? 0) > search.e
  const { fetchNextPage } = query
  useEffect(() => {
    if (further) void fetchNextPage()
  }, [further, fetchNextPage])
  return (
    <>
      <PageHeader
        title="Audit log"
        lead="Who did what. Entries are only ever added."
        actions={
          <>
            <ExportEntries search={search} />
            <VerifyChain />
          </>
        }
      >
        <AuditFilters search={search} onChange={set} />
      </PageHeader>
      <Listed
        query={query}
        of="entries"
        empty={
          <Empty
            icon={<ScrollText />}
            title="No entry fits"
            action={<Button onClick={() => void navigate({ search: {}, replace: true })}>Show all entries</Button>}
          />
        }
      >
        {(entries, stale) => (
          <Table label="Entries" {...(stale ? { className: 'opacity-60' } : {})}>
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
              {entries.map((entry) => (
                <tr key={entry.seq} className="hover:bg-surface-2">
                  <Td right className="text-ink-3 max-md:hidden">
                    {entry.seq}
                  </Td>
                  <Td className="nums text-xs whitespace-nowrap text-ink-2 max-md:pl-4">{exact(entry.at)}</Td>
                  <Td className="max-w-48 truncate max-md:hidden">{entry.actor}</Td>
                  <Td>
                    <button type="button" className="font-medium text-link" onClick={() => set({ e: entry.seq })}>
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
      </Listed>
      <AuditDetail entry={open} onClose={() => set({ e: undefined })} />
    </>
  )
}
