import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { getMeQueryKey, loginMutation } from '@/api/generated/@tanstack/react-query.gen'
import { FormProblem } from '@/components/problem-card'
import { Button } from '@/components/ui/button'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'

/** E-mail and password. */
export function LoginForm({ onDone }: { onDone: () => void }) {
  const cache = useQueryClient()
  const [form, setForm] = useState({ email: '', password: '' })
  const login = useMutation({
    ...loginMutation(),
    onSuccess: ({ user }) => {
      cache.setQueryData(getMeQueryKey(), user)
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    login.mutate({ body: { ...form, session: 'cookie' } })
  }
  const wrong = login.error?.status === 401
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field label="E-mail" error={login.error?.field('email')}>
        <Input
          type="email"
          name="email"
          autoComplete="username"
          required
          autoFocus
          value={form.email}
          onChange={(event) => setForm({ ...form, email: event.target.value })}
        />
      </Field>
      <Field
        label="Password"
        error={wrong ? 'E-mail and password do not fit together.' : login.error?.field('password')}
      >
        <Input
          type="password"
          name="password"
          autoComplete="current-password"
          required
          value={form.password}
          onChange={(event) => setForm({ ...form, password: event.target.value })}
        />
      </Field>
      {!wrong && <FormProblem error={login.error} shown={['email', 'password']} />}
      <Button type="submit" look="primary" size="lg" busy={login.isPending}>
        Sign in
      </Button>
    </form>
  )
}
