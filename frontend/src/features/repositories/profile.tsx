import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { getProfileOptions, getProfileQueryKey, setProfileMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { ProfileDetail, Repository } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { FormProblem, ProblemCard } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { Field } from '@/components/ui/field'
import { Input, Textarea } from '@/components/ui/input'
import { SkeletonRows } from '@/components/ui/skeleton'
import { toast } from '@/stores/toasts'
import { Discovered } from './discovered'

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
          Every task in this repository is told and runs this. What you leave empty is found out.
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

const fields = ['test_command', 'setup_command', 'instructions'] as const

function ProfileForm({ repository, profile }: { repository: Repository; profile: ProfileDetail }) {
  const me = useMe()
  const cache = useQueryClient()
  const kept = {
    test_command: profile.test_command ?? '',
    setup_command: profile.setup_command ?? '',
    instructions: profile.instructions ?? '',
  }
  const [form, setForm] = useState(kept)
  const path = { id: repository.id }
  const save = useMutation({
    ...setProfileMutation(),
    onSuccess: (fresh) => {
      cache.setQueryData(getProfileQueryKey({ path }), fresh)
      toast('Saved; the next task works so', { kind: 'ok' })
      void cache.invalidateQueries()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const said = (text: string) => (text.trim() === '' ? null : text.trim())
    save.mutate({
      path,
      body: {
        instructions: said(form.instructions),
        setup_command: said(form.setup_command),
        test_command: said(form.test_command),
        // What this form does not show stays as it is.
        network_hosts: profile.network_hosts,
        minutes: profile.minutes,
        limits: profile.limits,
      },
    })
  }
  const suites = profile.discovered.suites ?? []
  const found = suites[0]?.command
  const wrong = (name: (typeof fields)[number]) => save.error?.field(name)
  const unchanged = fields.every((name) => form[name] === kept[name])
  return (
    <form onSubmit={submit} aria-label="How work is done here" className="flex min-w-0 flex-col gap-4">
      <Field
        label="Test command"
        hint={
          found
            ? `Runs in the place of ${suites.length === 1 ? 'the command' : 'all commands'} found here.`
            : 'Nothing was found that runs tests; say it here.'
        }
        error={wrong('test_command')}
      >
        <Input
          className="font-mono text-xs"
          spellCheck={false}
          placeholder={found ?? 'make test'}
          value={form.test_command}
          onChange={(event) => setForm({ ...form, test_command: event.target.value })}
        />
      </Field>
      <Field label="Set-up command" hint="Runs before the tests, without a person." error={wrong('setup_command')}>
        <Input
          className="font-mono text-xs"
          spellCheck={false}
          placeholder="pip install -e ."
          value={form.setup_command}
          onChange={(event) => setForm({ ...form, setup_command: event.target.value })}
        />
      </Field>
      <Field
        label="Instructions for agents"
        hint="Conventions, and what must not be touched. Read together with what is found."
        error={wrong('instructions')}
      >
        <Textarea
          rows={8}
          value={form.instructions}
          onChange={(event) => setForm({ ...form, instructions: event.target.value })}
        />
      </Field>
      <FormProblem error={save.error} shown={fields} />
      <Button
        type="submit"
        look="primary"
        className="self-start"
        busy={save.isPending}
        why={whyNot(me, 'work') || (unchanged && 'Nothing was changed')}
      >
        Save how work is done
      </Button>
    </form>
  )
}
