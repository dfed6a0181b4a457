import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { createWebhookMutation } from '@/api/generated/@tanstack/react-query.gen'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { kinds } from '@/components/told'
import { Button } from '@/components/ui/button'
import { CopyButton } from '@/components/ui/copy-button'
import { Dialog } from '@/components/ui/dialog'
import { CheckField } from '@/components/ui/toggle'
import { WebhookFields, type WebhookWords } from './webhook-fields'

/** Adds a webhook, and shows this once what signs its messages. */
export function NewWebhook({ onClose, onMade }: { onClose: () => void; onMade: () => void }) {
  const me = useMe()
  const [words, setWords] = useState<WebhookWords>({ url: '', kinds })
  const [everyone, setEveryone] = useState(false)
  const create = useMutation({ ...createWebhookMutation(), onSuccess: onMade })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (words.kinds.length === 0) return
    create.mutate({ body: { url: words.url.trim(), kinds: words.kinds, ...(everyone ? { everyone } : {}) } })
  }
  const made = create.data
  return (
    <Dialog open onClose={onClose} title={made ? 'Its signing secret' : 'New webhook'}>
      {made ? (
        <div className="flex flex-col gap-3 text-sm">
          <p>
            Copy it now: it is not shown again. Any library for Standard Webhooks takes it to tell our messages from
            forged ones.
          </p>
          <p className="flex items-center gap-2 rounded-md border border-line bg-surface-2 p-2">
            <code className="min-w-0 flex-1 text-xs break-all">{made.secret}</code>
            <CopyButton text={made.secret} label="Copy the secret" />
          </p>
          <Button look="primary" className="self-end" onClick={onClose}>
            I have it
          </Button>
        </div>
      ) : (
        <form onSubmit={submit} className="flex flex-col gap-4">
          <WebhookFields words={words} onChange={(change) => setWords({ ...words, ...change })} error={create.error} />
          {me.role === 'admin' && (
            <CheckField
              label="Of everybody’s tasks"
              hint="Otherwise of yours alone."
              checked={everyone}
              onChange={(event) => setEveryone(event.target.checked)}
            />
          )}
          <FormProblem error={create.error} shown={['url', 'kinds']} />
          <Button
            type="submit"
            look="primary"
            className="self-end"
            busy={create.isPending}
            why={words.kinds.length === 0 && 'Choose something that it is told'}
          >
            Add the webhook
          </Button>
        </form>
      )}
    </Dialog>
  )
}
