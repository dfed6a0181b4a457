import { Fragment } from 'react'
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
          placeholder={`usually ${USUAL_MINUTES}`}
          readOnly={readOnly}
          value={minutes}
          onChange={(event) => onChange({ minutes: event.target.value })}
        />
      </Field>
      <p className="text-sm font-medium">In one conversation of each role</p>
      <div className="-mt-1 grid max-w-md grid-cols-[4.5rem_minmax(0,1fr)_minmax(0,1fr)] items-start gap-2 text-sm">
        {['', 'Turns', 'Dollars'].map((word) => (
          <span key={word} aria-hidden className="text-xs text-ink-3">
            {word}
          </span>
        ))}
        {limitedRoles.map((role) => {
          const { word, turns, dollars } = usual[role]
          return (
            <Fragment key={role}>
              <span aria-hidden className="leading-8">
                {word}
              </span>
              <Field quiet label={`Turns of the ${role}`} error={wrong(`limits/${role}/turns`)}>
                <Input
                  inputMode="numeric"
                  placeholder={`usually ${turns}`}
                  readOnly={readOnly}
                  value={limits[role].turns}
                  onChange={(event) => set(role, { turns: event.target.value })}
                />
              </Field>
              <Field quiet label={`Dollars of the ${role}`} error={wrong(`limits/${role}/usd_micros`)}>
                <Input
                  inputMode="decimal"
                  placeholder={`usually ${dollars}`}
                  readOnly={readOnly}
                  value={limits[role].dollars}
                  onChange={(event) => set(role, { dollars: event.target.value })}
                />
              </Field>
            </Fragment>
          )
        })}
      </div>
    </fieldset>
  )
}
