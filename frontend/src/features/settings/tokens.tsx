import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { KeyRound, Plus } from 'lucide-react'
import { useState } from 'react'
import { listTokensQueryKey, revokeTokenMutation } from '@/api/generated/@tanstack/react-query.gen'
import { listTokens } from '@/api/generated/sdk.gen'
import type { Token } from '@/api/generated/types.gen'
import { itemsOf, pagesOptions } from '@/api/pages'
import { Confirm } from '@/components/confirm'
import { Empty } from '@/components/empty'
import { LoadMore } from '@/components/lists/load-more'
import { ProblemCard } from '@/components/problem-card'
import { Button } from '@/components/ui/button'
import { SkeletonRows } from '@/components/ui/skeleton'
import { Table, Td, Th } from '@/components/ui/table'
import { RelativeTime } from '@/components/values'
import { NewToken } from './new-token'

/** Tokens for programs. */
export function Tokens() {
  const cache = useQueryClient()
  const pages = pagesOptions(listTokensQueryKey(), (cursor, signal) => listTokens({ query: { cursor }, signal }))
  const tokens = useInfiniteQuery(pages)
  const [making, setMaking] = useState(false)
  const [ending, setEnding] = useState<Token>()
  const read = () => void cache.invalidateQueries({ queryKey: pages.queryKey })
  const revoke = useMutation({
    ...revokeTokenMutation(),
    onSuccess: () => {
      read()
      setEnding(undefined)
    },
  })
  const items = itemsOf(tokens.data)
  const make = (
    <Button look="primary" className="self-start" onClick={() => setMaking(true)}>
      <Plus /> New token
    </Button>
  )
  return (
    <>
      {tokens.isLoadingError ? (
        <ProblemCard error={tokens.error} retry={() => void tokens.refetch()} compact />
      ) : !items ? (
        <SkeletonRows rows={3} />
      ) : items.length === 0 ? (
        <Empty icon={<KeyRound />} title="No token yet" action={make}>
          A token lets a program do what you may do, or less. It is shown once.
        </Empty>
      ) : (
        <>
          {make}
          <TokenTable tokens={items} onEnd={setEnding} />
          <LoadMore
            more={tokens.hasNextPage}
            busy={tokens.isFetchingNextPage}
            onMore={() => void tokens.fetchNextPage()}
          />
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

function TokenTable({ tokens, onEnd }: { tokens: Token[]; onEnd: (token: Token) => void }) {
  return (
    <Table label="API tokens" card>
      <thead>
        <tr>
          <Th>Name</Th>
          <Th className="max-sm:hidden">Begins with</Th>
          <Th className="max-sm:hidden">May</Th>
          <Th right>Used</Th>
          <Th right>Ends</Th>
          <Th>
            <span className="sr-only">Actions</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <tr key={token.id}>
            <Td className="max-sm:py-2">
              <span className="font-medium wrap-anywhere">{token.name}</span>
              <span className="block text-xs text-ink-3 sm:hidden">
                <code>{token.hint}…</code> · {token.scope}
              </span>
            </Td>
            <Td className="max-sm:hidden">
              <code className="text-xs">{token.hint}…</code>
            </Td>
            <Td className="max-sm:hidden">{token.scope}</Td>
            <Td right>{token.last_used_at ? <RelativeTime at={token.last_used_at} /> : 'never'}</Td>
            <Td right>{token.expires_at ? <RelativeTime at={token.expires_at} /> : 'never'}</Td>
            <Td right>
              <Button size="sm" aria-label={`Revoke ${token.name}`} onClick={() => onEnd(token)}>
                Revoke
              </Button>
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
