import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { deleteRepositoryMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Repository } from '@/api/generated/types.gen'
import { Confirm } from '@/components/confirm'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { whyNotChange } from './can'
import { General } from './general-form'
import { RepositoryProfile } from './profile'
import { Secrets } from './secrets'

/** What a repository is called and who sees it, how work is done in it, and the way out. */
export function RepositorySettings({ repository }: { repository: Repository }) {
  const me = useMe()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const remove = useMutation({
    ...deleteRepositoryMutation(),
    onSuccess: async () => {
      await navigate({ to: '/repositories' })
      void cache.invalidateQueries()
    },
  })
  const why = whyNotChange(me, repository)
  return (
    <div className="flex max-w-5xl flex-col gap-8 px-4 py-4 lg:px-6">
      <General repository={repository} />
      {/* What is found in it can be told once it is here. */}
      {!repository.pending_since && <RepositoryProfile repository={repository} />}
      <Secrets repository={repository} />
      <section aria-label="Disconnect" className="max-w-2xl rounded-lg border border-line p-4">
        <h2 className="text-sm font-medium">Disconnect this repository</h2>
        <p className="mt-1 text-sm text-ink-2">
          Its tasks and what they recorded stay readable. New ones cannot be begun. The repository itself is not
          touched.
        </p>
        <Button look="danger" className="mt-3" why={why} onClick={() => setAsking(true)}>
          Disconnect…
        </Button>
      </section>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={`Disconnect ${repository.name}?`}
        action="Disconnect"
        danger
        typed={repository.name}
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ path: { id: repository.id } })}
      >
        No new task can be begun in it.
      </Confirm>
    </div>
  )
}
