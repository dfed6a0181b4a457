import { useQuery } from '@tanstack/react-query'
import { listUsersOptions } from '@/api/generated/@tanstack/react-query.gen'
import { Field } from '@/components/ui/field'
import { Input, Select } from '@/components/ui/input'
import { SavedViews } from '@/components/views/saved-views'
import { type AuditSearch, audit } from '@/lib/searches'

interface FiltersProps {
  search: AuditSearch
  onChange: (change: AuditSearch) => void
}

/** Which entries are shown; all of it stands in the address. */
export function AuditFilters({ search, onChange }: FiltersProps) {
  const users = useQuery(listUsersOptions({ query: { limit: 200 } }))
  const people = users.data?.items ?? []
  return (
    <div className="flex flex-wrap items-end gap-2">
      <Field label="Who" className="w-44">
        <Select value={search.actor ?? ''} onChange={(event) => onChange({ actor: event.target.value || undefined })}>
          <option value="">Everybody</option>
          {people.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
          {/* Named in a link, and not among those who are here. */}
          {search.actor && !people.some(({ id }) => id === search.actor) && (
            <option value={search.actor}>{search.actor}</option>
          )}
        </Select>
      </Field>
      <Typed
        label="What"
        placeholder="like task.created"
        value={search.action}
        onChange={(action) => onChange({ action })}
      />
      <Typed
        label="To what"
        placeholder="id of a task, a user…"
        value={search.subject}
        onChange={(subject) => onChange({ subject })}
      />
      {(['from', 'until'] as const).map((end) => (
        <Field key={end} label={end === 'from' ? 'From' : 'Until'} className="w-38">
          <Input
            type="date"
            value={search[end] ?? ''}
            onChange={(event) => onChange({ [end]: event.target.value || undefined })}
          />
        </Field>
      ))}
      <SavedViews
        page="audit"
        filters={filtersOf(search)}
        read={(text) => filtersOf(audit(text))}
        onChoose={onChange}
      />
    </div>
  )
}

/** The entry that is open is no filter. */
const filtersOf = ({ e: _, ...filters }: AuditSearch): AuditSearch => filters

/** Asked for when it is left or confirmed. */
function Typed({
  label,
  placeholder,
  value,
  onChange,
}: {
  label: string
  placeholder: string
  value: string | undefined
  onChange: (value: string | undefined) => void
}) {
  return (
    <Field label={label} className="w-44">
      <Input
        // The address may change without this box: it is another box then.
        key={value ?? ''}
        type="search"
        placeholder={placeholder}
        defaultValue={value ?? ''}
        onBlur={(event) => (event.target.value || undefined) !== value && onChange(event.target.value || undefined)}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
    </Field>
  )
}
