import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound, Plus } from 'lucide-react'
import { useState } from 'react'
import { listTokensOptions, revokeTokenMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Token } from '@/api/generated/types.gen'
import { Confirm } from '@/components/confirm'
import { Empty } from '@/components/empty'
import { ProblemCard } from '@/components/problem-card'
import { Button } from '@/components/ui/button'
import { SkeletonRows } from '@/components/ui/skeleton'
import { Table, Td, Th } from '@/components/ui/table'
import { RelativeTime } from '@/components/values'
import { NewToken } from './new-token'

/** Tokens for programs. */
export function Tokens() {
  const cache = useQueryClient()
  const tokens = useQuery(listTokensOptions())
  const [making, setMaking] = useState(false)
  const [ending, setEnding] = useState<Token>()
  const read = () => void cache.invalidateQueries({ queryKey: listTokensOptions().queryKey })
  const revoke = useMutation({
    ...revokeTokenMutation(),
    onSuccess: () => {
      read()
      setEnding(undefined)
    },
  })
  const make = (
    <Button look="primary" className="self-start" onClick={() => setMaking(true)}>
      <Plus /> New token
    </Button>
  )
  return (
    <>
      {tokens.isLoadingError ? (
        <ProblemCard error={tokens.error} retry={() => void tokens.refetch()} compact />
      ) : !tokens.data ? (
        <SkeletonRows rows={3} />
      ) : tokens.data.items.length === 0 ? (
        <Empty icon={<KeyRound />} title="No token yet" action={make}>
          A token lets a program do what you may do, or less. It is shown once.
        </Empty>
      ) : (
        <>
          {make}
          <Table label="API tokens" card>
            <thead>
              <tr>
                <Th>Name</Th>
                <Th>Begins with</Th>
                <Th>May</Th>
                <Th right>Used</Th>
                <Th right>Ends</Th>
                <Th>
                  <span className="sr-only">Actions</span>
                </Th>
              </tr>
            </thead>
            <tbody>
              {tokens.data.items.map((token) => (
                <tr key={token.id}>
                  <Td className="font-medium">{token.name}</Td>
                  <Td>
                    <code className="text-xs">{token.hint}…</code>
                  </Td>
                  <Td>{token.scope}</Td>
                  <Td right>{token.last_used_at ? <RelativeTime at={token.last_used_at} /> : 'never'}</Td>
                  <Td right>{token.expires_at ? <RelativeTime at={token.expires_at} /> : 'never'}</Td>
                  <Td right>
                    <Button size="sm" aria-label={`Revoke ${token.name}`} onClick={() => setEnding(token)}>
                      Revoke
                    </Button>
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
        </>
      )}
      <NewToken open={making} onClose={() => setMaking(false)} onMade={read} />
      <Confirm
        open={ending !== undefined}
        onClose={() => setEnding(undefined)}
        title={`Revoke ${ending?.name}?`}
        action="Revoke"
        danger
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => ending && revoke.mutate({ path: { token_id: ending.id } })}
      >
        Programs that use it are refused from now on.
      </Confirm>
    </>
  )
}
