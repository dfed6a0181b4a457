import { CircleAlert, CloudDownload } from 'lucide-react'
import type { Repository } from '@/api/generated/types.gen'
import { Empty } from '@/components/empty'
import { RelativeTime } from '@/components/values'
import { useBeingFetched } from './fetches'

/** In the place of what is in a repository, until its first fetch has ended. */
export function NotYet({ repository }: { repository: Repository }) {
  const { pending_since: since, sync_error } = repository
  // Why the last one failed says nothing of one that was asked for since.
  const error = !useBeingFetched(repository) && sync_error
  return (
    <div role="status">
      {error ? (
        <Empty icon={<CircleAlert />} title="The first fetch failed">
          <p className="wrap-anywhere">{error}</p>
          <p className="mt-2">
            Nothing of it is shown and no task begins until it was fetched. Mend the cause, for one that is private by
            setting <code className="text-xs">GITHUB_TOKEN</code> in its settings, and fetch it again.
          </p>
        </Empty>
      ) : (
        <Empty icon={<CloudDownload />} title="Its files are being fetched">
          {since && (
            <>
              Begun <RelativeTime at={since} />.{' '}
            </>
          )}
          A large repository takes some minutes; its files show here by themselves, and tasks can begin then.
        </Empty>
      )}
    </div>
  )
}
