import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { listDeadJobsQueryKey, retryDeadJobsMutation } from '@/api/generated/@tanstack/react-query.gen'
import { listDeadJobs } from '@/api/generated/sdk.gen'
import { itemsOf, pagesOptions } from '@/api/pages'
import { LoadMore } from '@/components/lists/load-more'
import { FormProblem, ProblemCard } from '@/components/problem-card'
import { Button } from '@/components/ui/button'
import { SkeletonRows } from '@/components/ui/skeleton'
import { Table, Td, Th } from '@/components/ui/table'
import { Checkbox } from '@/components/ui/toggle'
import { RelativeTime } from '@/components/values'
import { plural } from '@/lib/numbers'
import { toast } from '@/stores/toasts'

/** So many are tried again at once. */
const MOST = 200

/** Jobs that failed for good, and another try for those that are ticked. */
export function DeadJobs() {
  const cache = useQueryClient()
  const jobs = useInfiniteQuery(
    pagesOptions(listDeadJobsQueryKey(), (cursor, signal) => listDeadJobs({ query: { limit: MOST, cursor }, signal })),
  )
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set())
  const retry = useMutation({
    ...retryDeadJobsMutation(),
    onSuccess: ({ retried }) => {
      toast(`${plural(retried, 'job')} taken up again`, { kind: 'ok' })
      setTicked(new Set())
      void cache.invalidateQueries()
    },
  })
  if (jobs.isLoadingError) return <ProblemCard error={jobs.error} retry={() => void jobs.refetch()} compact />
  const items = itemsOf(jobs.data)
  if (!items) return <SkeletonRows rows={3} label="Loading dead jobs" />
  if (items.length === 0) return <p className="text-sm text-ink-2">No job has failed for good.</p>
  const chosen = items.filter(({ id }) => ticked.has(id))
  const tick = (ids: string[], on: boolean) =>
    setTicked((before) => new Set(on ? [...before, ...ids] : [...before].filter((id) => !ids.includes(id))))
  return (
    <div className="flex flex-col gap-2">
      <Table label="Dead jobs" card>
        <thead>
          <tr>
            <Th>
              <Checkbox
                aria-label="Select all dead jobs"
                checked={chosen.length === items.length}
                onChange={(event) =>
                  tick(
                    items.map(({ id }) => id),
                    event.target.checked,
                  )
                }
              />
            </Th>
            <Th>Job</Th>
            <Th>Why</Th>
            <Th right>Attempts</Th>
            <Th right>Since</Th>
          </tr>
        </thead>
        <tbody>
          {items.map(({ id, lane, name, reason, attempts, died_at }) => (
            <tr key={id}>
              <Td>
                <Checkbox
                  aria-label={`Select ${name ?? lane} ${id}`}
                  checked={ticked.has(id)}
                  onChange={(event) => tick([id], event.target.checked)}
                />
              </Td>
              <Td>
                <span className="font-medium">{name ?? id}</span>
                <span className="block text-xs text-ink-3">{lane}</span>
              </Td>
              <Td className="min-w-56 wrap-anywhere text-ink-2">{reason ?? '–'}</Td>
              <Td right>{attempts}</Td>
              <Td right>{died_at ? <RelativeTime at={died_at} /> : '–'}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
      <LoadMore more={jobs.hasNextPage} busy={jobs.isFetchingNextPage} onMore={() => void jobs.fetchNextPage()} />
      <FormProblem error={retry.error} />
      <Button
        look="primary"
        className="self-start"
        busy={retry.isPending}
        why={
          (chosen.length === 0 && 'Tick those that are to be tried again') ||
          (chosen.length > MOST && `At most ${MOST} are tried again at once`)
        }
        onClick={() => retry.mutate({ body: { ids: chosen.map(({ id }) => id) } })}
      >
        <RotateCcw /> Try {chosen.length > 0 ? plural(chosen.length, 'job') : 'them'} again
      </Button>
    </div>
  )
}
