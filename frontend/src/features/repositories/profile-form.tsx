import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef } from 'react'
import { setProfile } from '@/api/generated/sdk.gen'
import type { ProfileDetail, Repository } from '@/api/generated/types.gen'
import type { ApiError } from '@/api/problem'
import { ifStill, isStale, type Tagged, taggedOf } from '@/api/tagged'
import { ChangedMeanwhile } from '@/components/changed-meanwhile'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { useEditing } from '@/components/use-editing'
import { toast } from '@/stores/toasts'
import { whyNotChange } from './can'
import { NetworkHosts } from './network-hosts'
import { draftOf, type ProfileDraft, type ProfileField, updateOf, wrongIn } from './profile-draft'
import { ProfileTexts } from './profile-texts'
import { RunLimits } from './run-limits'

interface ProfileFormProps {
  repository: Repository
  /** As it was read last; what comes in meanwhile does not touch what was typed. */
  read: Tagged<ProfileDetail>
  /** Reads it as it is now. */
  onRead: () => Promise<Tagged<ProfileDetail>>
}

/** What people say of how work is done; those who may not change it read it here. */
export function ProfileForm({ repository, read, onRead }: ProfileFormProps) {
  const me = useMe()
  const cache = useQueryClient()
  const { begun, words: draft, both, change, catchUp, saved } = useEditing(read, draftOf)
  const profile = begun.data
  const save = useMutation<Tagged<ProfileDetail>, ApiError, ProfileDraft>({
    mutationFn: async (sent) =>
      taggedOf(await setProfile({ path: { id: repository.id }, body: updateOf(sent), ...ifStill(begun) })),
    onSuccess: (now, sent) => {
      saved(now, sent)
      toast('Saved; the next task works so', { kind: 'ok' })
      void cache.invalidateQueries()
    },
  })
  const form = useRef<HTMLFormElement>(null)
  const why = whyNotChange(me, repository)
  const typed = wrongIn(draft)
  const faulty = Object.keys(typed).length > 0
  const stale = isStale(save.error)
  const unchanged = JSON.stringify(updateOf(draft)) === JSON.stringify(updateOf(draftOf(profile)))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (stale || faulty || unchanged || save.isPending) return
    save.mutate(draft)
  }
  const goOn = (now: Tagged<ProfileDetail>) => {
    catchUp(now)
    save.reset()
    // The button that was pressed is gone with what it stood in.
    form.current?.querySelector('input')?.focus()
  }
  const fields = {
    draft,
    onChange: change,
    wrong: (name: ProfileField) => typed[name] ?? save.error?.field(name),
    theirs: (name: ProfileField) => (both.includes(name) ? draftOf(profile)[name] : undefined),
    readOnly: why !== false,
  }
  const { suites = [], registries } = profile.discovered
  return (
    <form ref={form} onSubmit={submit} aria-label="How work is done here" className="flex min-w-0 flex-col gap-4">
      {why && <p className="rounded-md bg-surface-2 px-3 py-2 text-sm text-ink-2">{why}.</p>}
      <ProfileTexts {...fields} suites={suites} />
      <NetworkHosts {...fields} registries={registries} />
      <RunLimits {...fields} />
      {stale ? (
        <ChangedMeanwhile of="repository" onRead={onRead} onGoOn={goOn} />
      ) : (
        <FormProblem error={save.error} shown={Object.keys(draft)} />
      )}
      <Button
        type="submit"
        look="primary"
        className="self-start"
        busy={save.isPending}
        why={
          why ||
          (stale && 'Read first what it says now') ||
          (faulty && 'A number is not one yet') ||
          (unchanged && 'Nothing was changed')
        }
      >
        Save how work is done
      </Button>
    </form>
  )
}
