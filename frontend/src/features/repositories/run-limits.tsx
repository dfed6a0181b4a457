import { Fragment } from 'react'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'
import { limitedRoles, limitNames, type ProfileField, USUAL_MINUTES, usual } from './profile-draft'
import type { ProfileFields } from './profile-fields'

/** What a run may take, where its task does not say. */
export function RunLimits({ draft, onChange, wrong, theirs, readOnly }: ProfileFields) {
  const names: ProfileField[] = ['minutes', ...limitedRoles.flatMap(limitNames)]
  const clashes = names.some((name) => theirs(name) !== undefined)
  return (
    <fieldset className="flex min-w-0 flex-col gap-3 rounded-md border border-line p-3">
      <legend className="px-1 text-sm font-medium">What a run may take</legend>
      <p className="text-xs text-ink-3">Where its task does not say. What is left empty is as usual.</p>
      {clashes && (
        <p className="text-xs text-wait">
          Somebody else has changed numbers that you have changed as well; yours take their place.
        </p>
      )}
      <Field label="Minutes of work" error={wrong('minutes')} className="max-w-48">
        <Input
          inputMode="numeric"
          placeholder={`usually ${USUAL_MINUTES}`}
          readOnly={readOnly}
          value={draft.minutes}
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
          const [turnsName, sumName] = limitNames(role)
          return (
            <Fragment key={role}>
              <span aria-hidden className="leading-8">
                {word}
              </span>
              <Field quiet label={`Turns of the ${role}`} error={wrong(turnsName)}>
                <Input
                  inputMode="numeric"
                  placeholder={`usually ${turns}`}
                  readOnly={readOnly}
                  value={draft[turnsName]}
                  onChange={(event) => onChange({ [turnsName]: event.target.value })}
                />
              </Field>
              <Field quiet label={`Dollars of the ${role}`} error={wrong(sumName)}>
                <Input
                  inputMode="decimal"
                  placeholder={`usually ${dollars}`}
                  readOnly={readOnly}
                  value={draft[sumName]}
                  onChange={(event) => onChange({ [sumName]: event.target.value })}
                />
              </Field>
            </Fragment>
          )
        })}
      </div>
    </fieldset>
  )
}
