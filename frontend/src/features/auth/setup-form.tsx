import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { getEntranceQueryKey, getMeQueryKey, setUpMutation } from '@/api/generated/@tanstack/react-query.gen'
import { FormProblem } from '@/components/problem-card'
import { Button } from '@/components/ui/button'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'
import { AccountFields, accountFields, blankAccount } from './account-fields'

/** The first account. The code shows that it is made by whoever started the server. */
export function SetupForm({ code: given, onDone }: { code?: string | undefined; onDone: () => void }) {
  const cache = useQueryClient()
  const [code, setCode] = useState(given ?? '')
  const [account, setAccount] = useState(blankAccount)
  const setUp = useMutation({
    ...setUpMutation(),
    onSuccess: ({ user }) => {
      cache.setQueryData(getMeQueryKey(), user)
      void cache.invalidateQueries({ queryKey: getEntranceQueryKey() })
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setUp.mutate({ body: { ...account, code: code.trim(), session: 'cookie' } })
  }
  const refused = setUp.error?.status === 403 || setUp.error?.status === 401
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field
        label="Setup code"
        hint="The server has printed it where it was started."
        error={refused ? 'This is not the code the server has printed.' : setUp.error?.field('code')}
      >
        <Input
          name="code"
          required
          autoComplete="one-time-code"
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
      </Field>
      <AccountFields account={account} onChange={setAccount} error={setUp.error} />
      {!refused && <FormProblem error={setUp.error} shown={[...accountFields, 'code']} />}
      <Button type="submit" look="primary" size="lg" busy={setUp.isPending}>
        Set up
      </Button>
    </form>
  )
}
