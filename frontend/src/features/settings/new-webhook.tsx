import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { createWebhookMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { NotificationKind } from '@/api/generated/types.gen'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { kinds, told } from '@/components/told'
import { Button } from '@/components/ui/button'
import { CopyButton } from '@/components/ui/copy-button'
import { Dialog } from '@/components/ui/dialog'
import { Field, FieldNote } from '@/components/ui/field'
import { Input } from '@/components/ui/input'
import { CheckField } from '@/components/ui/toggle'

/** Adds a webhook, and shows this once what signs its messages. */
export function NewWebhook({ onClose, onMade }: { onClose: () => void; onMade: () => void }) {
  const me = useMe()
  const [url, setUrl] = useState('')
  const [chosen, setChosen] = useState<NotificationKind[]>(kinds)
  const [everyone, setEveryone] = useState(false)
  const create = useMutation({ ...createWebhookMutation(), onSuccess: onMade })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (chosen.length === 0) return
    create.mutate({ body: { url: url.trim(), kinds: chosen, ...(everyone ? { everyone } : {}) } })
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
          <Field label="Address" hint="Where your program listens." error={create.error?.field('url')}>
            <Input
              required
              autoFocus
              type="url"
              maxLength={2000}
              placeholder="https://"
              value={url}
              onChange={(event) => setUrl(event.target.value)}
            />
          </Field>
          <fieldset className="flex flex-col gap-2">
            <legend className="mb-1 text-sm font-medium">What it is told</legend>
            {kinds.map((kind) => (
              <CheckField
                key={kind}
                label={told[kind].word}
                hint={told[kind].when}
                checked={chosen.includes(kind)}
                onChange={(event) =>
                  setChosen(kinds.filter((one) => (one === kind ? event.target.checked : chosen.includes(one))))
                }
              />
            ))}
            {create.error?.field('kinds') && <FieldNote>{create.error.field('kinds')}</FieldNote>}
          </fieldset>
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
            why={chosen.length === 0 && 'Choose something that it is told'}
          >
            Add the webhook
          </Button>
        </form>
      )}
    </Dialog>
  )
}
