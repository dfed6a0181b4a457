import { PersonFilter } from '@/components/lists/filters'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'
import { SavedViews } from '@/components/views/saved-views'
import { type AuditSearch, audit } from '@/lib/searches'

interface FiltersProps {
  search: AuditSearch
  onChange: (change: AuditSearch) => void
}

/** Which entries are shown; all of it stands in the address. */
export function AuditFilters({ search, onChange }: FiltersProps) {
  return (
    <div className="flex flex-wrap items-end gap-2">
      <div className="flex min-w-0 flex-1 basis-36 flex-col gap-1 sm:w-44 sm:flex-none">
        <span className="text-sm font-medium" aria-hidden>
          Who
        </span>
        <PersonFilter label="Who" value={search.actor} onChange={(actor) => onChange({ actor })} className="w-full" />
      </div>
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
        <Field
          key={end}
          label={end === 'from' ? 'From' : 'Until'}
          className="min-w-0 flex-1 basis-36 sm:w-38 sm:flex-none"
        >
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
    <Field label={label} className="min-w-0 flex-1 basis-36 sm:w-44 sm:flex-none">
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
