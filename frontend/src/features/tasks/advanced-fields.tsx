import { useState } from 'react'
import { ModelSelect, useModels, usualOf } from '@/components/model-select'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'
import { SwitchField } from '@/components/ui/toggle'
import { type AgentRole, roleNames, roles } from '@/components/words'
import { cn } from '@/lib/cn'
import type { FieldsProps, RoleDraft, TaskDraft } from './task-draft'

/** How long and how often, and what it is when nobody says otherwise. */
const bounds = [
  { name: 'minutes', label: 'Minutes of work', usual: '60' },
  { name: 'test_rounds', label: 'Rounds with failing tests', usual: '3' },
  { name: 'review_rounds', label: 'Rounds of review', usual: '2' },
] as const

/** The places of this part where something may be wrong. */
export const advancedPlaces = [
  ...roleNames.flatMap((role) => [
    `options/models/${role}`,
    `options/limits/${role}/turns`,
    `options/limits/${role}/usd_micros`,
  ]),
  ...bounds.map(({ name }) => `options/${name}`),
  'options/network',
  'start',
]

/** What a role may use when nobody says otherwise; the profile of a repository may. */
const usual: Record<AgentRole, { turns: string; usd: string }> = {
  planner: { turns: '25', usd: '0.75' },
  coder: { turns: '120', usd: '5.00' },
  tester: { turns: '30', usd: '1.00' },
  reviewer: { turns: '40', usd: '1.50' },
}

/** How many things were said here: what is closed must not hide that. */
const saidIn = ({ models, limits, minutes, test_rounds, review_rounds, network, start }: TaskDraft): number =>
  [
    ...Object.values(models),
    ...Object.values(limits).flatMap(({ turns, usd }: RoleDraft) => [turns, usd]),
    minutes,
    test_rounds,
    review_rounds,
    network,
    !start,
  ].filter(Boolean).length

/** What most tasks leave as it is. */
export function AdvancedFields({ draft, onChange, fault }: FieldsProps) {
  const [opened, setOpened] = useState(false)
  // What is wrong is never hidden.
  const open = opened || advancedPlaces.some((place) => fault(place))
  const said = saidIn(draft)
  return (
    <details
      open={open}
      onToggle={(event) => setOpened(event.currentTarget.open)}
      className="rounded-md border border-line"
    >
      <summary className="cursor-pointer px-3 py-2 text-sm font-medium">
        Advanced
        <span className="ml-2 text-xs font-normal text-ink-3">
          {said > 0 ? `${said} set` : 'models, limits, time, network'}
        </span>
      </summary>
      <div className="flex flex-col gap-4 border-t border-line p-3">
        <RoleFields draft={draft} onChange={onChange} fault={fault} />
        <div className="grid gap-3 sm:grid-cols-3">
          {bounds.map(({ name, label, usual }) => (
            <NumberField
              key={name}
              label={label}
              place={`options/${name}`}
              usual={usual}
              value={draft[name]}
              onChange={(value) => onChange({ [name]: value })}
              fault={fault}
            />
          ))}
        </div>
        <SwitchField
          label="Commands may use the network"
          hint="The hosts that the profile of the repository names, and no others."
          checked={draft.network}
          onChange={(event) => onChange({ network: event.target.checked })}
        />
        <SwitchField
          label="Begin at once"
          hint="Otherwise the task is kept, and somebody begins it later."
          checked={draft.start}
          onChange={(event) => onChange({ start: event.target.checked })}
        />
      </div>
    </details>
  )
}

const columns = 'grid grid-cols-2 gap-x-3 gap-y-2 sm:grid-cols-[5.5rem_minmax(0,1fr)_6rem_6rem] sm:items-start'

/** The model of each role, and how much it may use: a line for each. */
function RoleFields({ draft, onChange, fault }: FieldsProps) {
  const models = useModels()
  const limit = (role: AgentRole, change: RoleDraft) =>
    onChange({ limits: { ...draft.limits, [role]: { ...draft.limits[role], ...change } } })
  return (
    <div className="flex flex-col gap-2">
      {/* For those who see the lines; each field has a name of its own. */}
      <div aria-hidden className={cn(columns, 'text-xs text-ink-3 max-sm:hidden')}>
        <span>Role</span>
        <span>Model</span>
        <span>At most turns</span>
        <span>At most $</span>
      </div>
      {roleNames.map((role) => {
        const own = usualOf(models, role)
        return (
          <div key={role} className={columns}>
            <span aria-hidden className="text-sm font-medium max-sm:col-span-2 sm:pt-1.5">
              {roles[role]}
            </span>
            <Field
              label={`Model of the ${role}`}
              quiet
              error={fault(`options/models/${role}`)}
              className="max-sm:col-span-2"
            >
              <ModelSelect
                value={draft.models[role] ?? ''}
                onChange={(model) => onChange({ models: { ...draft.models, [role]: model } })}
                otherwise={own ? `As usual: ${own}` : 'As usual'}
              />
            </Field>
            <Field label={`Turns of the ${role}`} quiet error={fault(`options/limits/${role}/turns`)}>
              <Input
                inputMode="numeric"
                placeholder={`${usual[role].turns} turns`}
                value={draft.limits[role]?.turns ?? ''}
                onChange={(event) => limit(role, { turns: event.target.value })}
              />
            </Field>
            <Field label={`Dollars of the ${role}`} quiet error={fault(`options/limits/${role}/usd_micros`)}>
              <Input
                inputMode="decimal"
                placeholder={`$${usual[role].usd}`}
                value={draft.limits[role]?.usd ?? ''}
                onChange={(event) => limit(role, { usd: event.target.value })}
              />
            </Field>
          </div>
        )
      })}
    </div>
  )
}

interface NumberFieldProps {
  label: string
  place: string
  /** What holds when nothing is typed. */
  usual: string
  value: string
  onChange: (text: string) => void
  fault: FieldsProps['fault']
}

function NumberField({ label, place, usual, value, onChange, fault }: NumberFieldProps) {
  return (
    <Field label={label} error={fault(place)}>
      <Input inputMode="numeric" placeholder={usual} value={value} onChange={(event) => onChange(event.target.value)} />
    </Field>
  )
}
