import { listUsersQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { listUsers } from '@/api/generated/sdk.gen'
import type { User } from '@/api/generated/types.gen'
import { pagesOptions } from '@/api/pages'
import { FindOne } from './find-one'

interface FindPersonProps {
  label: string
  value: string | undefined
  onChange: (value: string | undefined) => void
  className?: string | undefined
  /** Whom one has read of already; a link may name somebody else. */
  known: readonly User[]
}

const pages = (q: string) => {
  const query = { limit: 50, ...(q ? { q } : {}) }
  return pagesOptions(listUsersQueryKey({ query }), (cursor, signal) =>
    listUsers({ query: { ...query, cursor }, signal }),
  )
}
const named = ({ id, name }: User) => ({ id, name })

/** A person of an installation that has more than a list can show. */
export default function FindPerson({ value, known, ...props }: FindPersonProps) {
  return (
    <FindOne
      all="Everybody"
      value={value}
      chosen={value && (known.find(({ id }) => id === value)?.name ?? value)}
      pages={pages}
      named={named}
      {...props}
    />
  )
}
