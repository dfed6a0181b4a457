import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { createInvitationMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Role } from '@/api/generated/types.gen'
import { FormProblem } from '@/components/problem-card'
import { Button } from '@/components/ui/button'
import { CopyButton } from '@/components/ui/copy-button'
import { Dialog } from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Input, Select } from '@/components/ui/input'
import { invitationPages } from './invitations'
import { roles } from './roles'

/** Invites somebody; the link is handed over by whoever invites. */
export function Invite({ open, onClose }: { open: boolean; onClose: () => void }) {
  const cache = useQueryClient()
  const [form, setForm] = useState({ email: '', role: 'member' as Role })
  const invite = useMutation({
    ...createInvitationMutation(),
    onSuccess: () => void cache.invalidateQueries({ queryKey: invitationPages().queryKey }),
  })
  const close = () => {
    invite.reset()
    setForm({ email: '', role: 'member' })
    onClose()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    invite.mutate({ body: form })
  }
  const link = invite.data && new URL(invite.data.link, location.href).href
  return (
    <Dialog open={open} onClose={close} title="Invite somebody">
      {link ? (
        <div className="flex flex-col gap-3 text-sm">
          <p>Send this link to {form.email}. It is shown this once.</p>
          <p className="flex items-center gap-2 rounded-md border border-line bg-surface-2 p-2">
            <code className="min-w-0 flex-1 text-xs break-all">{link}</code>
            <CopyButton text={link} label="Copy the link" />
          </p>
          <Button look="primary" className="self-end" onClick={close}>
            Done
          </Button>
        </div>
      ) : (
        <form onSubmit={submit} className="flex flex-col gap-4">
          <Field label="E-mail" error={invite.error?.field('email')}>
            <Input
              type="email"
              required
              autoFocus
              value={form.email}
              onChange={(event) => setForm({ ...form, email: event.target.value })}
            />
          </Field>
          <Field label="Role">
            <Select value={form.role} onChange={(event) => setForm({ ...form, role: event.target.value as Role })}>
              {Object.entries(roles).map(([role, word]) => (
                <option key={role} value={role}>
                  {word}
                </option>
              ))}
            </Select>
          </Field>
          <FormProblem error={invite.error} shown={['email']} />
          <Button type="submit" look="primary" className="self-end" busy={invite.isPending}>
            Invite
          </Button>
        </form>
      )}
    </Dialog>
  )
}
