import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { getProfileQueryKey, setProfileMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { ProfileDetail, Repository } from '@/api/generated/types.gen'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { toast } from '@/stores/toasts'
import { whyNotChange } from './can'
import { NetworkHosts } from './network-hosts'
import { draftOf, limitedRoles, type ProfileDraft, updateOf, wrongIn } from './profile-draft'
import { ProfileTexts } from './profile-texts'
import { RunLimits } from './run-limits'

/** Where a refusal is shown at the field it names. */
const shown = [
  'test_command',
  'setup_command',
  'instructions',
  'network_hosts',
  'minutes',
  ...limitedRoles.flatMap((role) => [`limits/${role}/turns`, `limits/${role}/usd_micros`]),
]

/** What people say of how work is done; those who may not change it read it here. */
export function ProfileForm({ repository, profile }: { repository: Repository; profile: ProfileDetail }) {
  const me = useMe()
  const cache = useQueryClient()
  const [draft, setDraft] = useState(draftOf(profile))
  const path = { id: repository.id }
  const save = useMutation({
    ...setProfileMutation(),
    onSuccess: (fresh) => {
      cache.setQueryData(getProfileQueryKey({ path }), fresh)
      toast('Saved; the next task works so', { kind: 'ok' })
      void cache.invalidateQueries()
    },
  })
  const change = (next: Partial<ProfileDraft>) => setDraft({ ...draft, ...next })
  const why = whyNotChange(me, repository)
  const readOnly = why !== false
  const typed = wrongIn(draft)
  const wrong = (name: string) => typed[name] ?? save.error?.field(name)
  const unchanged = JSON.stringify(updateOf(draft)) === JSON.stringify(updateOf(draftOf(profile)))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate({ path, body: updateOf(draft) })
  }
  const { suites = [], registries } = profile.discovered
  return (
    <form onSubmit={submit} aria-label="How work is done here" className="flex min-w-0 flex-col gap-4">
      {why && <p className="rounded-md bg-surface-2 px-3 py-2 text-sm text-ink-2">{why}.</p>}
      <ProfileTexts draft={draft} onChange={change} suites={suites} wrong={wrong} readOnly={readOnly} />
      <NetworkHosts
        text={draft.network_hosts}
        onText={(network_hosts) => change({ network_hosts })}
        registries={registries}
        error={wrong('network_hosts')}
        readOnly={readOnly}
      />
      <RunLimits draft={draft} onChange={change} wrong={wrong} readOnly={readOnly} />
      <FormProblem error={save.error} shown={shown} />
      <Button
        type="submit"
        look="primary"
        className="self-start"
        busy={save.isPending}
        why={
          why || (Object.keys(typed).length > 0 && 'A number is not one yet') || (unchanged && 'Nothing was changed')
        }
      >
        Save how work is done
      </Button>
    </form>
  )
}
