import { useQuery } from '@tanstack/react-query'
import { getRepositoryOptions, listRepositoriesQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { listRepositories } from '@/api/generated/sdk.gen'
import type { Repository } from '@/api/generated/types.gen'
import { pagesOptions } from '@/api/pages'
import { FindOne } from './find-one'

interface FindRepositoryProps {
  label: string
  value: string | undefined
  onChange: (value: string | undefined) => void
  className?: string | undefined
}

const pages = (q: string) => {
  const query = { limit: 50, ...(q ? { q } : {}) }
  return pagesOptions(listRepositoriesQueryKey({ query }), (cursor, signal) =>
    listRepositories({ query: { ...query, cursor }, signal }),
  )
}
const named = ({ id, name }: Repository) => ({ id, name })

/** A repository of an installation that has more than a list can show. */
export default function FindRepository({ value, ...props }: FindRepositoryProps) {
  const chosen = useQuery({ ...getRepositoryOptions({ path: { id: value ?? '' } }), enabled: value !== undefined })
  return (
    <FindOne
      all="All repositories"
      value={value}
      chosen={value && (chosen.data?.name ?? value)}
      pages={pages}
      named={named}
      {...props}
    />
  )
}
