import { useQuery } from '@tanstack/react-query'
import { getProfileOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Repository } from '@/api/generated/types.gen'
import { ProblemCard } from '@/components/problem-card'
import { SkeletonRows } from '@/components/ui/skeleton'
import { Discovered } from './discovered'
import { ProfileForm } from './profile-form'

/** How work is done in a repository: what people say, beside what is found in it. */
export function RepositoryProfile({ repository }: { repository: Repository }) {
  const profile = useQuery(getProfileOptions({ path: { id: repository.id } }))
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
          <ProfileForm key={JSON.stringify(profile.data)} repository={repository} profile={profile.data} />
          <Discovered found={profile.data.discovered} />
        </div>
      )}
    </section>
  )
}
