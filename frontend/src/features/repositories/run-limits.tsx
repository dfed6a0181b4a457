import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'
import { type LimitedRole, limitedRoles, type ProfileDraft, USUAL_MINUTES, usual } from './profile-draft'

interface RunLimitsProps {
  draft: ProfileDraft
  onChange: (change: Partial<ProfileDraft>) => void
  wrong: (name: string) => string | undefined
  readOnly: boolean
}

/** What a run may take, where its task does not say. */
export function RunLimits({ draft: { minutes, limits }, onChange, wrong, readOnly }: RunLimitsProps) {
  const set = (role: LimitedRole, change: { turns?: string; dollars?: string }) =>
    onChange({ limits: { ...limits, [role]: { ...limits[role], ...change } } })
  return (
    <fieldset className="flex min-w-0 flex-col gap-3 rounded-md border border-line p-3">
      <legend className="px-1 text-sm font-medium">What a run may take</legend>
      <p className="text-xs text-ink-3">Where its task does not say. What is left empty is as usual.</p>
      <Field label="Minutes of work" error={wrong('minutes')} className="max-w-48">
        <Input
          inputMode="numeric"
          placeholder={String(USUAL_MINUTES)}
          readOnly={readOnly}
          value={minutes}
          onChange={(event) => onChange({ minutes: event.target.value })}
        />
      </Field>
      <div className="grid gap-3 sm:grid-cols-2">
        {limitedRoles.map((role) => {
          const { word, turns, dollars } = usual[role]
          return (
            <fieldset key={role} className="min-w-0">
              <legend className="text-sm font-medium">{word}, in one conversation</legend>
              <div className="mt-1 grid grid-cols-2 gap-2">
                <Field label="Turns" error={wrong(`limits/${role}/turns`)}>
                  <Input
                    inputMode="numeric"
                    placeholder={String(turns)}
                    readOnly={readOnly}
                    value={limits[role].turns}
                    onChange={(event) => set(role, { turns: event.target.value })}
                  />
                </Field>
                <Field label="Dollars" error={wrong(`limits/${role}/usd_micros`)}>
                  <Input
                    inputMode="decimal"
                    placeholder={dollars}
                    readOnly={readOnly}
                    value={limits[role].dollars}
                    onChange={(event) => set(role, { dollars: event.target.value })}
                  />
                </Field>
              </div>
            </fieldset>
          )
        })}
      </div>
    </fieldset>
  )
}
