import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { getMeQueryKey, registerMutation } from '@/api/generated/@tanstack/react-query.gen'
import { FormProblem } from '@/components/problem-card'
import { Button } from '@/components/ui/button'
import { AccountFields, accountFields, blankAccount } from './account-fields'

/** A new person: with an invitation, or where the installation lets anybody in. */
export function RegisterForm({ invitation, onDone }: { invitation?: string | undefined; onDone: () => void }) {
  const cache = useQueryClient()
  const [account, setAccount] = useState(blankAccount)
  const register = useMutation({
    ...registerMutation(),
    onSuccess: ({ user }) => {
      cache.setQueryData(getMeQueryKey(), user)
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    register.mutate({ body: { ...account, session: 'cookie', ...(invitation ? { invitation } : {}) } })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <AccountFields account={account} onChange={setAccount} error={register.error} />
      <FormProblem error={register.error} shown={accountFields} />
      <Button type="submit" look="primary" size="lg" busy={register.isPending}>
        Make the account
      </Button>
    </form>
  )
}
