import type { ApiError } from '@/api/problem'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'
import { SwitchField } from '@/components/ui/toggle'

export interface Connecting {
  url: string
  name: string
  branch: string
  token: string
  team: boolean
}

/** Where a refusal is shown at the field it names. */
export const connectFields = ['url', 'name', 'default_branch', 'token']

interface FieldsProps {
  form: Connecting
  onChange: (change: Partial<Connecting>) => void
  error: ApiError | null
}

/** Where the repository is, and what is needed to get there. */
export function ConnectFields({ form, onChange, error }: FieldsProps) {
  return (
    <>
      <Field
        label="Address"
        hint="https://github.com/you/project, any address git understands, or a folder on the server where that is allowed."
        error={error?.field('url')}
      >
        <Input
          autoFocus
          required
          spellCheck={false}
          placeholder="https://github.com/you/project"
          value={form.url}
          onChange={(event) => onChange({ url: event.target.value })}
        />
      </Field>
      <Field
        label="Token, if it is private on GitHub"
        hint={
          <>
            Shown to GitHub alone, to fetch, to push branches and to open pull requests. Kept sealed on this server, as
            the secret <code>GITHUB_TOKEN</code>: no person and no agent can read it again.
          </>
        }
        error={error?.field('token')}
      >
        <Input
          type="password"
          // A browser would offer the password of this site, and keep the token as one.
          autoComplete="one-time-code"
          spellCheck={false}
          maxLength={10_000}
          placeholder="github_pat_…"
          className="font-mono text-xs"
          value={form.token}
          onChange={(event) => onChange({ token: event.target.value })}
        />
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Name" hint="Made from the address when empty." error={error?.field('name')}>
          <Input value={form.name} onChange={(event) => onChange({ name: event.target.value })} />
        </Field>
        <Field label="Main branch" hint="The repository's own when empty." error={error?.field('default_branch')}>
          <Input
            spellCheck={false}
            value={form.branch}
            onChange={(event) => onChange({ branch: event.target.value })}
          />
        </Field>
      </div>
      <SwitchField
        label="Everybody here may see it"
        hint="Otherwise only you and those who look after all work."
        checked={form.team}
        onChange={(event) => onChange({ team: event.target.checked })}
      />
    </>
  )
}
