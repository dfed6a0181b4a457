import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef } from 'react'
import { getWebhookQueryKey, listWebhooksQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { getWebhook, updateWebhook } from '@/api/generated/sdk.gen'
import type { Webhook } from '@/api/generated/types.gen'
import type { ApiError } from '@/api/problem'
import { ifStill, isStale, type Tagged, taggedOf, taggedOptions } from '@/api/tagged'
import { ChangedMeanwhile } from '@/components/changed-meanwhile'
import { FormProblem, ProblemCard } from '@/components/problem-card'
import { kinds } from '@/components/told'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { SkeletonRows } from '@/components/ui/skeleton'
import { useEditing } from '@/components/use-editing'
import { toast } from '@/stores/toasts'
import { WebhookFields, type WebhookWords } from './webhook-fields'

/** Another address, or other things to be told; what signs its messages stays. */
export function EditWebhook({ id, onClose }: { id: string; onClose: () => void }) {
  const path = { id }
  const read = useQuery(taggedOptions(getWebhookQueryKey({ path }), (signal) => getWebhook({ path, signal })))
  return (
    <Dialog open onClose={onClose} title="Edit the webhook">
      {read.isLoadingError ? (
        <ProblemCard error={read.error} retry={() => void read.refetch()} compact />
      ) : !read.data ? (
        <SkeletonRows rows={6} label="Loading the webhook" />
      ) : (
        <WebhookForm
          read={read.data}
          onRead={async () => (await read.refetch({ throwOnError: true })).data ?? read.data}
          onClose={onClose}
        />
      )}
    </Dialog>
  )
}

const wordsOf = (webhook: Webhook): WebhookWords => ({
  url: webhook.url,
  // In the order in which they are ticked here.
  kinds: kinds.filter((kind) => webhook.kinds.includes(kind)),
})

interface WebhookFormProps {
  read: Tagged<Webhook>
  onRead: () => Promise<Tagged<Webhook>>
  onClose: () => void
}

function WebhookForm({ read, onRead, onClose }: WebhookFormProps) {
  const cache = useQueryClient()
  const { begun, words, both, untouched, change, catchUp } = useEditing(read, wordsOf)
  const was = wordsOf(begun.data)
  const update = useMutation<Tagged<Webhook>, ApiError, WebhookWords>({
    mutationFn: async ({ url, kinds }) => {
      const told = String(kinds) === String(was.kinds) ? {} : { kinds }
      const body = { ...(url.trim() === was.url ? {} : { url: url.trim() }), ...told }
      return taggedOf(await updateWebhook({ path: { id: begun.data.id }, body, ...ifStill(begun) }))
    },
    onSuccess: () => {
      toast('The webhook is changed', { kind: 'ok' })
      void cache.invalidateQueries({ queryKey: listWebhooksQueryKey() })
      onClose()
    },
  })
  const form = useRef<HTMLFormElement>(null)
  const stale = isStale(update.error)
  const nothing = words.kinds.length === 0
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!stale && !untouched && !nothing && !update.isPending) update.mutate(words)
  }
  const goOn = (now: Tagged<Webhook>) => {
    catchUp(now)
    update.reset()
    // The button that was pressed is gone with what it stood in.
    form.current?.querySelector('input')?.focus()
  }
  return (
    <form ref={form} onSubmit={submit} className="flex flex-col gap-4">
      <WebhookFields
        words={words}
        onChange={change}
        error={update.error}
        note={both.includes('url') ? `Now it says: ${was.url}` : undefined}
      />
      {stale ? (
        <ChangedMeanwhile of="webhook" onRead={onRead} onGoOn={goOn} />
      ) : (
        <FormProblem error={update.error} shown={['url', 'kinds']} />
      )}
      <Button
        type="submit"
        look="primary"
        className="self-end"
        busy={update.isPending}
        why={
          (stale && 'Read first what it says now') ||
          (nothing && 'Choose something that it is told') ||
          (untouched && 'Nothing is changed yet')
        }
      >
        Save
      </Button>
    </form>
  )
}
