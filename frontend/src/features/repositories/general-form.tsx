import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef } from 'react'
import { getRepositoryQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { getRepository, updateRepository } from '@/api/generated/sdk.gen'
import type { Repository } from '@/api/generated/types.gen'
import type { ApiError } from '@/api/problem'
import { ifStill, isStale, type Tagged, taggedOf, taggedOptions } from '@/api/tagged'
import { ChangedMeanwhile } from '@/components/changed-meanwhile'
import { FormProblem, ProblemCard } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'
import { SkeletonRows } from '@/components/ui/skeleton'
import { SwitchField } from '@/components/ui/toggle'
import { useEditing } from '@/components/use-editing'
import { toast } from '@/stores/toasts'
import { whyNotChange } from './can'
import { changesOf, type GeneralWords, wordsOf } from './general-words'

/** What a repository is called, where work in it begins, and who sees it. */
export function General({ repository: { id } }: { repository: Repository }) {
  const path = { id }
  const read = useQuery(taggedOptions(getRepositoryQueryKey({ path }), (signal) => getRepository({ path, signal })))
  return (
    <div className="flex max-w-2xl flex-col gap-4">
      <h2 id="general" className="text-md font-semibold">
        General
      </h2>
      {read.isLoadingError ? (
        <ProblemCard error={read.error} retry={() => void read.refetch()} compact />
      ) : !read.data ? (
        <SkeletonRows rows={3} label="Loading what it is called" />
      ) : (
        <GeneralForm
          read={read.data}
          onRead={async () => (await read.refetch({ throwOnError: true })).data ?? read.data}
        />
      )}
    </div>
  )
}

interface GeneralFormProps {
  read: Tagged<Repository>
  onRead: () => Promise<Tagged<Repository>>
}

function GeneralForm({ read, onRead }: GeneralFormProps) {
  const me = useMe()
  const cache = useQueryClient()
  const { begun, words, both, change, catchUp, saved } = useEditing(read, wordsOf)
  const repository = begun.data
  const update = useMutation<Tagged<Repository>, ApiError, GeneralWords>({
    mutationFn: async (sent) =>
      taggedOf(
        await updateRepository({
          path: { id: repository.id },
          body: changesOf(repository, sent),
          ...ifStill(begun),
        }),
      ),
    onSuccess: (now, sent) => {
      saved(now, sent)
      toast('Saved', { kind: 'ok' })
      void cache.invalidateQueries()
    },
  })
  const form = useRef<HTMLFormElement>(null)
  const why = whyNotChange(me, repository)
  const stale = isStale(update.error)
  const unchanged = Object.keys(changesOf(repository, words)).length === 0
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (stale || unchanged || update.isPending) return
    update.mutate(words)
  }
  const goOn = (now: Tagged<Repository>) => {
    catchUp(now)
    update.reset()
    // The button that was pressed is gone with what it stood in.
    form.current?.querySelector('input')?.focus()
  }
  const theirs = (name: 'name' | 'branch') =>
    both.includes(name) ? { hint: `Somebody else has changed it to “${wordsOf(repository)[name]}”.` } : {}
  return (
    <form ref={form} onSubmit={submit} aria-labelledby="general" className="flex flex-col gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Name" {...theirs('name')} error={update.error?.field('name')}>
          <Input required value={words.name} onChange={(event) => change({ name: event.target.value })} />
        </Field>
        <Field label="Main branch" {...theirs('branch')} error={update.error?.field('default_branch')}>
          <Input required value={words.branch} onChange={(event) => change({ branch: event.target.value })} />
        </Field>
      </div>
      <SwitchField
        label="Everybody here may see it"
        hint="Otherwise only its owner and those who look after all work."
        checked={words.team}
        onChange={(event) => change({ team: event.target.checked })}
      />
      {stale ? (
        <ChangedMeanwhile of="repository" onRead={onRead} onGoOn={goOn} />
      ) : (
        <FormProblem error={update.error} shown={['name', 'default_branch']} />
      )}
      <Button
        type="submit"
        className="self-start"
        busy={update.isPending}
        why={why || (stale && 'Read first what it says now') || (unchanged && 'Nothing was changed')}
      >
        Save
      </Button>
    </form>
  )
}
