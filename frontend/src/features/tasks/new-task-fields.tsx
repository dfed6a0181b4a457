import type { Deliver, Mode, Repository } from '@/api/generated/types.gen'
import { AttemptsField } from '@/components/attempts-field'
import { Field } from '@/components/ui/field'
import { Input, Select, Textarea } from '@/components/ui/input'
import { SwitchField } from '@/components/ui/toggle'
import { modes } from '@/components/words'
import { AdvancedFields } from './advanced-fields'
import { AfterTasks } from './after-tasks'
import { BranchField } from './branch-field'
import type { FieldsProps } from './task-draft'

const deliveries: Record<Deliver, string> = {
  branch: 'A branch',
  pull_request: 'A pull request',
}

export function NewTaskFields({ draft, onChange, fault, repositories }: FieldsProps & { repositories: Repository[] }) {
  const repository = repositories.find(({ id }) => id === draft.repository)
  return (
    <>
      <Field label="What is to be done?" error={fault('title')}>
        <Input
          autoFocus
          placeholder="Fix the rounding of negative prices"
          value={draft.title}
          onChange={(event) => onChange({ title: event.target.value })}
        />
      </Field>
      <Field
        label="Everything the agent should know"
        hint="Markdown. How to see the problem, what must stay as it is, where to look."
        error={fault('description')}
      >
        <Textarea
          rows={7}
          value={draft.description}
          onChange={(event) => onChange({ description: event.target.value })}
        />
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Repository" error={fault('repository_id')}>
          <Select value={draft.repository} onChange={(event) => onChange({ repository: event.target.value })}>
            {repositories.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
        <BranchField
          repository={repository}
          value={draft.branch}
          onChange={(branch) => onChange({ branch })}
          error={fault('base_branch')}
        />
        <Field label="How" error={fault('options/mode')}>
          <Select value={draft.mode} onChange={(event) => onChange({ mode: event.target.value as Mode })}>
            {Object.entries(modes).map(([mode, word]) => (
              <option key={mode} value={mode}>
                {word}
              </option>
            ))}
          </Select>
        </Field>
        <Field
          label="Most it may cost, in dollars"
          hint="At this sum the task stops and asks you."
          error={fault('budget_usd_micros')}
        >
          <Input
            inputMode="decimal"
            value={draft.budget}
            onChange={(event) => onChange({ budget: event.target.value })}
          />
        </Field>
        {draft.mode !== 'plan_only' && (
          <OutcomeFields
            draft={draft}
            onChange={onChange}
            fault={fault}
            offered={repository !== undefined && repository.forge !== 'local'}
          />
        )}
      </div>
      <AfterTasks chosen={draft.after} onChange={(after) => onChange({ after })} error={fault('depends_on')} />
      <DecisionFields draft={draft} onChange={onChange} />
      <AdvancedFields draft={draft} onChange={onChange} fault={fault} />
    </>
  )
}

/** Where a person is asked. */
function DecisionFields({ draft, onChange }: Pick<FieldsProps, 'draft' | 'onChange'>) {
  return (
    <div className="flex flex-col gap-3 rounded-md border border-line p-3">
      {draft.mode !== 'no_plan' && (
        <SwitchField
          label="Ask me before code is written"
          hint="The plan waits for your approval; waiting costs nothing."
          checked={draft.approve_plan}
          onChange={(event) => onChange({ approve_plan: event.target.checked })}
        />
      )}
      <SwitchField
        label="Ask me before it is delivered"
        hint="You see tests and review before the branch goes out."
        checked={draft.approve_delivery}
        onChange={(event) => onChange({ approve_delivery: event.target.checked })}
      />
    </div>
  )
}

/** As what the work comes out, and as the best of how many. */
function OutcomeFields({ draft, onChange, fault, offered }: FieldsProps & { offered: boolean }) {
  return (
    <>
      {offered && (
        <Field
          label="Delivered as"
          {...(draft.deliver === 'pull_request'
            ? { hint: 'Needs a token that may open one: the secret GITHUB_TOKEN, or the installation’s.' }
            : {})}
          error={fault('options/deliver')}
        >
          <Select value={draft.deliver} onChange={(event) => onChange({ deliver: event.target.value as Deliver })}>
            {Object.entries(deliveries).map(([deliver, word]) => (
              <option key={deliver} value={deliver}>
                {word}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <AttemptsField
        value={draft.attempts}
        onChange={(attempts) => onChange({ attempts })}
        error={fault('options/attempts')}
      />
    </>
  )
}
