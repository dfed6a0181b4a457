import type { Deliver, Mode, Repository } from '@/api/generated/types.gen'
import type { ApiError } from '@/api/problem'
import { Field } from '@/components/ui/field'
import { Input, Select, Textarea } from '@/components/ui/input'
import { SwitchField } from '@/components/ui/toggle'
import { AfterTasks } from './after-tasks'
import type { TaskDraft } from './task-draft'

const modes: Record<Mode, string> = {
  full: 'Plan, code, test, review, deliver',
  no_plan: 'Code at once, without a plan',
  plan_only: 'Only a plan',
}

const deliveries: Record<Deliver, string> = {
  branch: 'A branch',
  pull_request: 'A pull request',
}

/** Where a refusal is shown at the field it names. */
export const shownFields = [
  'title',
  'description',
  'repository_id',
  'base_branch',
  'budget_usd_micros',
  'depends_on',
  'options/mode',
  'options/deliver',
  'options/attempts',
]

interface FieldsProps {
  draft: TaskDraft
  onChange: (change: Partial<TaskDraft>) => void
  repositories: Repository[]
  wrong: Partial<Record<keyof TaskDraft, string>>
  error: ApiError | null
}

export function NewTaskFields({ draft, onChange, repositories, wrong, error }: FieldsProps) {
  const repository = repositories.find(({ id }) => id === draft.repository)
  const offered = repository !== undefined && repository.forge !== 'local'
  const works = draft.mode !== 'plan_only'
  return (
    <>
      <Field label="What is to be done?" error={wrong.title ?? error?.field('title')}>
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
        error={error?.field('description')}
      >
        <Textarea
          rows={7}
          value={draft.description}
          onChange={(event) => onChange({ description: event.target.value })}
        />
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Repository" error={error?.field('repository_id')}>
          <Select value={draft.repository} onChange={(event) => onChange({ repository: event.target.value })}>
            {repositories.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Branch to begin at" error={error?.field('base_branch')}>
          <Input
            placeholder={repository?.default_branch ?? ''}
            value={draft.branch}
            onChange={(event) => onChange({ branch: event.target.value })}
          />
        </Field>
        <Field label="How" error={error?.field('options/mode')}>
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
          error={wrong.budget ?? error?.field('budget_usd_micros')}
        >
          <Input
            inputMode="decimal"
            value={draft.budget}
            onChange={(event) => onChange({ budget: event.target.value })}
          />
        </Field>
        {works && offered && (
          <Field
            label="Delivered as"
            {...(draft.deliver === 'pull_request'
              ? { hint: 'Needs a token that may open one: the secret GITHUB_TOKEN, or the installation’s.' }
              : {})}
            error={error?.field('options/deliver')}
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
        {works && (
          <Field
            label="Attempts side by side"
            {...(draft.attempts > 1 ? { hint: 'Each has its share of the budget; the best one is delivered.' } : {})}
            error={error?.field('options/attempts')}
          >
            <Select value={draft.attempts} onChange={(event) => onChange({ attempts: Number(event.target.value) })}>
              {[1, 2, 3, 4, 5].map((n) => (
                <option key={n} value={n}>
                  {n === 1 ? 'One' : `${n}, and the best is taken`}
                </option>
              ))}
            </Select>
          </Field>
        )}
      </div>
      <AfterTasks chosen={draft.after} onChange={(after) => onChange({ after })} error={error?.field('depends_on')} />
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
    </>
  )
}
