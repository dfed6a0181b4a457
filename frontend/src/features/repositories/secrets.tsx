import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound, Plus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import {
  deleteRepositorySecretMutation,
  listRepositorySecretsOptions,
  listRepositorySecretsQueryKey,
  setRepositorySecretMutation,
} from '@/api/generated/@tanstack/react-query.gen'
import type { Repository, RepositorySecret } from '@/api/generated/types.gen'
import { ApiError } from '@/api/problem'
import { Confirm } from '@/components/confirm'
import { FormProblem, ProblemCard } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Input, Textarea } from '@/components/ui/input'
import { SkeletonRows } from '@/components/ui/skeleton'
import { RelativeTime } from '@/components/values'
import { toast } from '@/stores/toasts'
import { whyNotChange } from './can'

/** Names of what the repository's server wants to be shown; the values go in and never come out. */
export function Secrets({ repository }: { repository: Repository }) {
  const me = useMe()
  const cache = useQueryClient()
  const path = { id: repository.id }
  const secrets = useQuery(listRepositorySecretsOptions({ path }))
  const [setting, setSetting] = useState<string>()
  const [ending, setEnding] = useState<RepositorySecret>()
  const read = () => void cache.invalidateQueries({ queryKey: listRepositorySecretsQueryKey({ path }) })
  const remove = useMutation({
    ...deleteRepositorySecretMutation(),
    onSuccess: () => {
      read()
      setEnding(undefined)
    },
  })
  const why = whyNotChange(me, repository)
  const items = secrets.data?.items
  const hasToken = items?.some(({ name }) => name === TOKEN)
  const forbidden = secrets.error instanceof ApiError && secrets.error.status === 403
  return (
    <section aria-labelledby="secrets" className="flex max-w-2xl flex-col gap-3">
      <div>
        <h2 id="secrets" className="text-md font-semibold">
          Secrets
        </h2>
        <p className="text-sm text-ink-2">
          Kept sealed and shown to nobody: not to people, not to agents, not to commands they run.
          {repository.forge !== 'local' && (
            <>
              {' '}
              With <code className="text-xs">{TOKEN}</code> branches are pushed and pull requests opened.
            </>
          )}
        </p>
      </div>
      {forbidden ? (
        <p className="text-sm text-ink-2">Only its owner and maintainers see which secrets there are.</p>
      ) : secrets.isLoadingError ? (
        <ProblemCard error={secrets.error} retry={() => void secrets.refetch()} compact />
      ) : !items ? (
        <SkeletonRows rows={2} label="Loading secrets" />
      ) : (
        <>
          {items.length > 0 && (
            <ul aria-label="Secrets" className="divide-y divide-line rounded-lg border border-line bg-surface text-sm">
              {items.map((secret) => (
                <li key={secret.name} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
                  <KeyRound aria-hidden className="size-4 shrink-0 text-ink-3" />
                  <span className="min-w-0 flex-1 basis-40">
                    <code className="block text-xs font-medium wrap-anywhere">{secret.name}</code>
                    <span className="text-xs text-ink-3">
                      set <RelativeTime at={secret.updated_at} /> by {secret.updated_by.name}
                    </span>
                  </span>
                  <span className="flex gap-1">
                    <Button
                      size="sm"
                      why={why}
                      aria-label={`Replace ${secret.name}`}
                      onClick={() => setSetting(secret.name)}
                    >
                      Replace
                    </Button>
                    <Button
                      size="sm"
                      look="quiet"
                      why={why}
                      aria-label={`Remove ${secret.name}`}
                      onClick={() => setEnding(secret)}
                    >
                      Remove
                    </Button>
                  </span>
                </li>
              ))}
            </ul>
          )}
          <Button
            className="self-start"
            why={why}
            onClick={() => setSetting(hasToken || repository.forge === 'local' ? '' : TOKEN)}
          >
            <Plus /> {items.length === 0 ? 'Set a secret' : 'Set another'}
          </Button>
        </>
      )}
      {setting !== undefined && (
        <SetSecret repository={repository} first={setting} onClose={() => setSetting(undefined)} onSet={read} />
      )}
      <Confirm
        open={ending !== undefined}
        onClose={() => setEnding(undefined)}
        title={`Remove ${ending?.name}?`}
        action="Remove"
        danger
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => ending && remove.mutate({ path: { ...path, name: ending.name } })}
      >
        {ending?.name === TOKEN
          ? 'Branches are pushed and pull requests opened with the token of this installation, or not at all.'
          : 'It is forgotten. Nobody can bring it back.'}
      </Confirm>
    </section>
  )
}

const TOKEN = 'GITHUB_TOKEN'

interface SetSecretProps {
  repository: Repository
  first: string
  onClose: () => void
  onSet: () => void
}

function SetSecret({ repository, first, onClose, onSet }: SetSecretProps) {
  const [name, setName] = useState(first)
  const [value, setValue] = useState('')
  const set = useMutation({
    ...setRepositorySecretMutation(),
    onSuccess: () => {
      toast(`${name} is set`, { kind: 'ok' })
      onSet()
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    set.mutate({ path: { id: repository.id, name }, body: { value } })
  }
  return (
    <Dialog open onClose={onClose} title="Set a secret">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field label="Name" hint="Capital letters, digits and underscores." error={set.error?.field('name')}>
          <Input
            required
            spellCheck={false}
            autoComplete="off"
            className="font-mono text-xs"
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value.toUpperCase().replace(/[^A-Z0-9_]/g, '_'))}
          />
        </Field>
        <Field
          label="Value"
          hint={
            name === TOKEN
              ? 'A fine-grained token for this repository that may read and write contents and pull requests.'
              : 'It cannot be looked at again, only replaced.'
          }
          error={set.error?.field('value')}
        >
          <Textarea
            required
            autoFocus
            rows={3}
            spellCheck={false}
            autoComplete="off"
            className="font-mono text-xs [-webkit-text-security:disc]"
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
        </Field>
        <FormProblem error={set.error} shown={['name', 'value']} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" look="primary" busy={set.isPending}>
            Set the secret
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
