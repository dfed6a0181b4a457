import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { UserPlus, UserSearch } from 'lucide-react'
import { useState } from 'react'
import { listUsersQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { listUsers } from '@/api/generated/sdk.gen'
import { may, whyNot } from '@/api/me'
import { pagesOptions } from '@/api/pages'
import { Empty } from '@/components/empty'
import { Listed } from '@/components/lists/listed'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { Invitations } from './invitations'
import { Invite } from './invite'
import { useMemberFilter } from './member-filters'
import { MemberList } from './member-list'

/** Who is here, and what they may do. */
export function Members() {
  const me = useMe()
  const [inviting, setInviting] = useState(false)
  const { filter, filtered, clear, controls } = useMemberFilter()
  const query = useInfiniteQuery({
    ...pagesOptions(listUsersQueryKey({ query: filter }), (cursor, signal) =>
      listUsers({ query: { ...filter, cursor }, signal }),
    ),
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-2">
        {controls}
        <Button look="primary" why={whyNot(me, 'people')} onClick={() => setInviting(true)}>
          <UserPlus /> Invite somebody
        </Button>
      </div>
      <Listed
        query={query}
        of="members"
        empty={
          <Empty
            icon={<UserSearch />}
            title="Nobody fits these filters"
            {...(filtered ? { action: <Button onClick={clear}>Show everybody</Button> } : {})}
          />
        }
      >
        {(users, stale) => <MemberList users={users} stale={stale} />}
      </Listed>
      {may(me, 'people') && <Invitations />}
      <Invite open={inviting} onClose={() => setInviting(false)} />
    </>
  )
}
