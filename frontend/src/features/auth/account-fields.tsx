import type { ApiError } from '@/api/problem'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'

export interface Account {
  name: string
  email: string
  password: string
}

export const blankAccount: Account = { name: '', email: '', password: '' }
export const accountFields = ['name', 'email', 'password'] as const

/** Who a new person is. */
export function AccountFields({
  account,
  onChange,
  error,
}: {
  account: Account
  onChange: (account: Account) => void
  error: ApiError | null
}) {
  return (
    <>
      <Field label="Name" error={error?.field('name')}>
        <Input
          name="name"
          autoComplete="name"
          required
          value={account.name}
          onChange={(event) => onChange({ ...account, name: event.target.value })}
        />
      </Field>
      <Field label="E-mail" error={error?.field('email')}>
        <Input
          type="email"
          name="email"
          autoComplete="username"
          required
          value={account.email}
          onChange={(event) => onChange({ ...account, email: event.target.value })}
        />
      </Field>
      <Field
        label="Password"
        hint="At least 12 characters. A few words are better than a few signs."
        error={error?.field('password')}
      >
        <Input
          type="password"
          name="password"
          autoComplete="new-password"
          required
          minLength={12}
          value={account.password}
          onChange={(event) => onChange({ ...account, password: event.target.value })}
        />
      </Field>
    </>
  )
}
