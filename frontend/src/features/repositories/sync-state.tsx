import { CircleAlert, CircleCheck, CircleDashed, LoaderCircle } from 'lucide-react'
import type { Repository } from '@/api/generated/types.gen'
import { Badge } from '@/components/ui/badge'
import { useBeingFetched } from './fetches'

/** Whether what is here is what is there. */
export function SyncState({ repository }: { repository: Repository }) {
  const underWay = useBeingFetched(repository)
  if (underWay)
    return (
      <Badge tone="run" icon={<LoaderCircle aria-hidden className="animate-spin motion-reduce:animate-none" />}>
        Being fetched
      </Badge>
    )
  if (repository.sync_error)
    return (
      <Badge tone="bad" icon={<CircleAlert aria-hidden />}>
        Not fetched
      </Badge>
    )
  // Nobody has asked for it: the sample, say. Runs fetch by themselves when they begin.
  if (!repository.synced_at) return <Badge icon={<CircleDashed aria-hidden />}>Connected</Badge>
  return (
    <Badge tone="ok" icon={<CircleCheck aria-hidden />}>
      Up to date
    </Badge>
  )
}
