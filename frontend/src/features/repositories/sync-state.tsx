import { CircleAlert, CircleCheck, CircleDashed } from 'lucide-react'
import type { Repository } from '@/api/generated/types.gen'
import { Badge } from '@/components/ui/badge'

/** Whether what is here is what is there. */
export function SyncState({ repository }: { repository: Repository }) {
  if (repository.sync_error)
    return (
      <Badge tone="bad" icon={<CircleAlert aria-hidden />}>
        Not fetched
      </Badge>
    )
  if (!repository.synced_at)
    return (
      <Badge tone="run" icon={<CircleDashed aria-hidden />}>
        Being fetched
      </Badge>
    )
  return (
    <Badge tone="ok" icon={<CircleCheck aria-hidden />}>
      Up to date
    </Badge>
  )
}
