import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { createTokenMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Scope } from '@/api/generated/types.gen'
import { FormProblem } from '@/components/problem-card'
import { Button } from '@/components/ui/button'
import { CopyButton } from '@/components/ui/copy-button'
import { Dialog } from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Input, Select } from '@/components/ui/input'

const scopes: Record<Scope, string> = {
  read: 'Only read',
  write: 'Read, and begin and change work',
  admin: 'Everything I may do',
}

/** Makes a token, and shows it this once. */
export function NewToken({ open, onClose, onMade }: { open: boolean; onClose: () => void; onMade: () => void }) {
  const [form, setForm] = useState({ name: '', scope: 'write' as Scope, days: '90' })
  const create = useMutation({ ...createTokenMutation(), onSuccess: onMade })
  const close = () => {
    create.reset()
    setForm({ name: '', scope: 'write', days: '90' })
    onClose()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate({
      body: { name: form.name.trim(), scope: form.scope, ...(form.days ? { expires_in_days: Number(form.days) } : {}) },
    })
  }
  const made = create.data
  return (
    <Dialog open={open} onClose={close} title={made ? 'Your new token' : 'New token'}>
      {made ? (
        <div className="flex flex-col gap-3 text-sm">
          <p>Copy it now: it is not shown again.</p>
          <p className="flex items-center gap-2 rounded-md border border-line bg-surface-2 p-2">
            <code className="min-w-0 flex-1 text-xs break-all">{made.secret}</code>
            <CopyButton text={made.secret} label="Copy the token" />
          </p>
          <Button look="primary" className="self-end" onClick={close}>
            I have it
          </Button>
        </div>
      ) : (
        <form onSubmit={submit} className="flex flex-col gap-4">
          <Field label="Name" hint="What uses it." error={create.error?.field('name')}>
            <Input
              required
              autoFocus
              maxLength={100}
              value={form.name}
              onChange={(event) => setForm({ ...form, name: event.target.value })}
            />
          </Field>
          <Field label="What it may do">
            <Select value={form.scope} onChange={(event) => setForm({ ...form, scope: event.target.value as Scope })}>
              {Object.entries(scopes).map(([scope, word]) => (
                <option key={scope} value={scope}>
                  {word}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="How long" error={create.error?.field('expires_in_days')}>
            <Select value={form.days} onChange={(event) => setForm({ ...form, days: event.target.value })}>
              <option value="30">30 days</option>
              <option value="90">90 days</option>
              <option value="365">A year</option>
              <option value="">Until it is revoked</option>
            </Select>
          </Field>
          <FormProblem error={create.error} shown={['name', 'expires_in_days']} />
          <Button type="submit" look="primary" className="self-end" busy={create.isPending}>
            Make the token
          </Button>
        </form>
      )}
    </Dialog>
  )
}
