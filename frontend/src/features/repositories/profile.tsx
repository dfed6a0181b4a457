import { useQuery } from '@tanstack/react-query'
import { getProfileQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { getProfile } from '@/api/generated/sdk.gen'
import type { Repository } from '@/api/generated/types.gen'
import { taggedOptions } from '@/api/tagged'
import { ProblemCard } from '@/components/problem-card'
import { SkeletonRows } from '@/components/ui/skeleton'
import { Discovered } from './discovered'
import { ProfileForm } from './profile-form'

/** How work is done in a repository: what people say, beside what is found in it. */
export function RepositoryProfile({ repository }: { repository: Repository }) {
  const path = { id: repository.id }
  const profile = useQuery(taggedOptions(getProfileQueryKey({ path }), (signal) => getProfile({ path, signal })))
  return (
    <section aria-labelledby="profile" className="flex flex-col gap-3">
      <div>
        <h2 id="profile" className="text-md font-semibold">
          How work is done here
        </h2>
        <p className="max-w-2xl text-sm text-ink-2">
          Every task in this repository is told and runs this. What you leave empty is found out, or as usual.
        </p>
      </div>
      {profile.isLoadingError ? (
        <ProblemCard error={profile.error} retry={() => void profile.refetch()} compact />
      ) : !profile.data ? (
        <SkeletonRows rows={4} label="Loading the profile" />
      ) : (
        <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
          <ProfileForm
            repository={repository}
            read={profile.data}
            onRead={async () => (await profile.refetch({ throwOnError: true })).data ?? profile.data}
          />
          <Discovered found={profile.data.data.discovered} />
        </div>
      )}
    </section>
  )
}
