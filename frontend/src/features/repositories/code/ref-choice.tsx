import { useQuery } from '@tanstack/react-query'
import { listBranchesOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Repository } from '@/api/generated/types.gen'
import { Select } from '@/components/ui/input'

interface RefChoiceProps {
  repository: Repository
  at: string | undefined
  onChange: (at: string | undefined) => void
}

/** Which branch is looked at. A tag or a commit that a link names stands among them. */
export function RefChoice({ repository: { id, default_branch: main }, at, onChange }: RefChoiceProps) {
  const branches = useQuery(listBranchesOptions({ path: { id } }))
  const others = branches.data?.items.map(({ name }) => name).filter((name) => name !== main) ?? []
  return (
    <Select
      aria-label="Branch"
      className="min-w-0 flex-1 basis-28 sm:w-44 sm:flex-none"
      value={at ?? ''}
      onChange={(event) => onChange(event.target.value || undefined)}
    >
      <option value="">{main}</option>
      {at && !others.includes(at) && <option value={at}>{/^[0-9a-f]{40}$/.test(at) ? at.slice(0, 12) : at}</option>}
      {others.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </Select>
  )
}
