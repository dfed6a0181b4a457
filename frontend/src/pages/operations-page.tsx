import { useQuery, useQueryClient } from '@tanstack/react-query'
import { RefreshCw } from 'lucide-react'
import { getOperationsOptions } from '@/api/generated/@tanstack/react-query.gen'
import { readiness } from '@/api/readiness'
import { PageHeader } from '@/components/page-header'
import { ProblemCard } from '@/components/problem-card'
import { Readiness } from '@/components/readiness'
import { Button } from '@/components/ui/button'
import { SkeletonRows } from '@/components/ui/skeleton'
import { DeadJobs } from '@/features/operations/dead-jobs'
import { Load } from '@/features/operations/load'

export default function OperationsPage() {
  const cache = useQueryClient()
  const load = useQuery(getOperationsOptions())
  const look = () => {
    void load.refetch()
    void cache.invalidateQueries({ queryKey: readiness().queryKey })
  }
  return (
    <>
      <PageHeader
        title="Operations"
        lead="What the installation has to do, who does it, and what failed for good."
        actions={
          <Button busy={load.isFetching} onClick={look}>
            <RefreshCw /> Look again
          </Button>
        }
      />
      {/* Beside what follows, which a part that is down may keep from coming. */}
      <section aria-labelledby="parts" className="flex flex-col gap-2 px-4 pb-6 lg:px-6">
        <h2 id="parts" className="font-medium">
          Parts of the server
        </h2>
        <Readiness />
      </section>
      {load.isLoadingError ? (
        <ProblemCard error={load.error} retry={() => void load.refetch()} />
      ) : !load.data ? (
        <SkeletonRows label="Loading operations" />
      ) : (
        <div className="flex flex-col gap-6 px-4 pb-6 lg:px-6">
          <Load load={load.data} />
          <div className="flex flex-col gap-2">
            <h2 className="font-medium">Dead jobs</h2>
            <DeadJobs />
          </div>
        </div>
      )}
    </>
  )
}
