import type { NotificationKind } from '@/api/generated/types.gen'
import type { ApiError } from '@/api/problem'
import { kinds, told } from '@/components/told'
import { Field, FieldNote } from '@/components/ui/field'
import { Input } from '@/components/ui/input'
import { CheckField } from '@/components/ui/toggle'

/** What can be said of a webhook, as it is typed. */
export interface WebhookWords {
  url: string
  kinds: NotificationKind[]
}

interface WebhookFieldsProps {
  words: WebhookWords
  onChange: (change: Partial<WebhookWords>) => void
  error: ApiError | null
  /** Who else has made something of the address. */
  note?: string | undefined
}

/** Where a program listens, and what it is told. */
export function WebhookFields({ words, onChange, error, note }: WebhookFieldsProps) {
  return (
    <>
      <Field label="Address" hint={note ?? 'Where your program listens.'} error={error?.field('url')}>
        <Input
          required
          autoFocus
          type="url"
          maxLength={2000}
          placeholder="https://"
          value={words.url}
          onChange={(event) => onChange({ url: event.target.value })}
        />
      </Field>
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 text-sm font-medium">What it is told</legend>
        {kinds.map((kind) => (
          <CheckField
            key={kind}
            label={told[kind].word}
            hint={told[kind].when}
            checked={words.kinds.includes(kind)}
            onChange={(event) =>
              onChange({
                kinds: kinds.filter((one) => (one === kind ? event.target.checked : words.kinds.includes(one))),
              })
            }
          />
        ))}
        {error?.field('kinds') && <FieldNote>{error.field('kinds')}</FieldNote>}
      </fieldset>
    </>
  )
}
