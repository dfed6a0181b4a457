import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { deleteRepositoryMutation, updateRepositoryMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Repository } from '@/api/generated/types.gen'
import { Confirm } from '@/components/confirm'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'
import { SwitchField } from '@/components/ui/toggle'
import { toast } from '@/stores/toasts'
import { whyNotChange } from './can'
import { RepositoryProfile } from './profile'
import { Secrets } from './secrets'

/** What a repository is called and who sees it, how work is done in it, and the way out. */
export function RepositorySettings({ repository }: { repository: Repository }) {
  const me = useMe()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const [form, setForm] = useState({
    name: repository.name,
    branch: repository.default_branch,
    team: repository.visibility === 'team',
  })
  const [asking, setAsking] = useState(false)
  const update = useMutation({
    ...updateRepositoryMutation(),
    onSuccess: () => {
      toast('Saved', { kind: 'ok' })
      void cache.invalidateQueries()
    },
  })
  const remove = useMutation({
    ...deleteRepositoryMutation(),
    onSuccess: async () => {
      await navigate({ to: '/repositories' })
      void cache.invalidateQueries()
    },
  })
  const why = whyNotChange(me, repository)
  const unchanged =
    form.name === repository.name &&
    form.branch === repository.default_branch &&
    form.team === (repository.visibility === 'team')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    update.mutate({
      path: { id: repository.id },
      body: {
        name: form.name,
        default_branch: form.branch,
        visibility: form.team ? 'team' : 'private',
      },
    })
  }
  return (
    <div className="flex max-w-5xl flex-col gap-8 px-4 py-4 lg:px-6">
      <form onSubmit={submit} aria-labelledby="general" className="flex max-w-2xl flex-col gap-4">
        <h2 id="general" className="text-md font-semibold">
          General
        </h2>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Name" error={update.error?.field('name')}>
            <Input required value={form.name} onChange={(event) => setForm({ ...form, name: event.target.value })} />
          </Field>
          <Field label="Main branch" error={update.error?.field('default_branch')}>
            <Input
              required
              value={form.branch}
              onChange={(event) => setForm({ ...form, branch: event.target.value })}
            />
          </Field>
        </div>
        <SwitchField
          label="Everybody here may see it"
          hint="Otherwise only its owner and those who look after all work."
          checked={form.team}
          onChange={(event) => setForm({ ...form, team: event.target.checked })}
        />
        <FormProblem error={update.error} shown={['name', 'default_branch']} />
        <Button
          type="submit"
          className="self-start"
          busy={update.isPending}
          why={why || (unchanged && 'Nothing was changed')}
        >
          Save
        </Button>
      </form>
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
