import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { changePasswordMutation, getMeQueryKey, updateMeMutation } from '@/api/generated/@tanstack/react-query.gen'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { Looks } from '@/components/shell/theme-menu'
import { Button } from '@/components/ui/button'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'
import { SwitchField } from '@/components/ui/toggle'
import { prefer, usePreferences } from '@/stores/preferences'
import { toast } from '@/stores/toasts'

/** Who one is, and how things look. */
export function Profile() {
  const me = useMe()
  const cache = useQueryClient()
  const [name, setName] = useState(me.name)
  const shortcuts = usePreferences((state) => state.shortcuts)
  const update = useMutation({
    ...updateMeMutation(),
    onSuccess: (fresh) => {
      cache.setQueryData(getMeQueryKey(), fresh)
      toast('Saved', { kind: 'ok' })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    update.mutate({ body: { name } })
  }
  return (
    <>
      <form onSubmit={submit} aria-labelledby="account" className="flex max-w-md flex-col gap-3">
        <h2 id="account" className="text-md font-semibold">
          Account
        </h2>
        <Field label="Name" error={update.error?.field('name')}>
          <Input
            required
            maxLength={100}
            autoComplete="name"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <p className="text-sm text-ink-2">
          {me.email} · {me.role}
        </p>
        <FormProblem error={update.error} shown={['name']} />
        <Button
          type="submit"
          className="self-start"
          busy={update.isPending}
          why={name === me.name && 'Nothing was changed'}
        >
          Save
        </Button>
      </form>
      <section aria-label="Looks" className="flex max-w-md flex-col gap-3">
        <h2 className="text-md font-semibold">How it looks</h2>
        <Looks />
        <SwitchField
          label="Single-key shortcuts"
          hint="Press ? to see them."
          checked={shortcuts}
          onChange={(event) => prefer({ shortcuts: event.target.checked })}
        />
      </section>
      <Password />
    </>
  )
}

function Password() {
  const [form, setForm] = useState({ current: '', next: '' })
  const change = useMutation({
    ...changePasswordMutation(),
    onSuccess: () => {
      setForm({ current: '', next: '' })
      toast('The password was changed; all other logins have ended', { kind: 'ok' })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate({ body: { current_password: form.current, new_password: form.next } })
  }
  return (
    <form onSubmit={submit} aria-label="Password" className="flex max-w-md flex-col gap-3">
      <h2 className="text-md font-semibold">Password</h2>
      <Field label="Current password" error={change.error?.field('current_password')}>
        <Input
          type="password"
          required
          autoComplete="current-password"
          value={form.current}
          onChange={(event) => setForm({ ...form, current: event.target.value })}
        />
      </Field>
      <Field label="New password" hint="At least 12 characters." error={change.error?.field('new_password')}>
        <Input
          type="password"
          required
          minLength={12}
          autoComplete="new-password"
          value={form.next}
          onChange={(event) => setForm({ ...form, next: event.target.value })}
        />
      </Field>
      <FormProblem error={change.error} shown={['current_password', 'new_password']} />
      <Button type="submit" className="self-start" busy={change.isPending}>
        Change the password
      </Button>
    </form>
  )
}
