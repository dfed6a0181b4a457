import { useQuery } from '@tanstack/react-query'
import { type ComponentProps, useId } from 'react'
import { listBranchesOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Repository } from '@/api/generated/types.gen'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'

interface BranchFieldProps {
  repository: Repository | undefined
  value: string
  onChange: (branch: string) => void
  error: string | undefined
}

/** Where the work begins: one of the branches that are known, or one that is only known to whoever types it. */
export function BranchField({ repository, value, onChange, error }: BranchFieldProps) {
  const list = useId()
  const { data } = useQuery({
    ...listBranchesOptions({ path: { id: repository?.id ?? '' } }),
    enabled: repository !== undefined,
    staleTime: 60_000,
  })
  const typed = value.trim()
  const unknown = data !== undefined && typed !== '' && data.items.every(({ name }) => name !== typed)
  return (
    <Field
      label="Branch to begin at"
      {...(unknown ? { hint: 'Not among the branches that were fetched last; the run looks again.' } : {})}
      error={error}
    >
      {/* The browser's own list: what it offers can be chosen, and anything else typed. */}
      <BranchInput
        list={list}
        options={data?.items.map(({ name }) => name) ?? []}
        placeholder={repository?.default_branch ?? ''}
        value={value}
        onChange={onChange}
      />
    </Field>
  )
}

interface BranchInputProps extends Omit<ComponentProps<'input'>, 'onChange'> {
  list: string
  options: string[]
  onChange: (branch: string) => void
}

function BranchInput({ list, options, onChange, ...props }: BranchInputProps) {
  return (
    <>
      <Input {...props} list={list} autoComplete="off" onChange={(event) => onChange(event.target.value)} />
      <datalist id={list}>
        {options.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  )
}
