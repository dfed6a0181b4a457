import type { Task } from '@/api/generated/types.gen'
import { Field } from '@/components/ui/field'
import { Input, Textarea } from '@/components/ui/input'
import { money } from '@/lib/numbers'
import { type TaskWords, wordsOf } from './edit-changes'

interface EditFieldsProps {
  /** As it was read last. */
  task: Task
  words: TaskWords
  /** What somebody else has changed as well. */
  both: readonly (keyof TaskWords)[]
  onChange: (change: Partial<TaskWords>) => void
  fault: (name: keyof TaskWords, place: string) => string | undefined
}

/** What can be changed of a task, and what others have made of it meanwhile. */
export function EditFields({ task, words, both, onChange, fault }: EditFieldsProps) {
  const theirs = (name: keyof TaskWords) => both.includes(name) && wordsOf(task)[name]
  return (
    <>
      <Field
        label="What is to be done?"
        {...(theirs('title') ? { hint: `Now it says: ${theirs('title')}` } : {})}
        error={fault('title', 'title')}
      >
        <Input autoFocus value={words.title} onChange={(event) => onChange({ title: event.target.value })} />
      </Field>
      <Field
        label="Everything the agent should know"
        hint={
          both.includes('description') ? 'Somebody else has changed this as well; yours takes its place.' : 'Markdown.'
        }
        error={fault('description', 'description')}
      >
        <Textarea
          rows={9}
          value={words.description}
          onChange={(event) => onChange({ description: event.target.value })}
        />
      </Field>
      <Field
        label="Most it may cost, in dollars"
        hint={`All its runs together; ${money(task.cost_usd_micros)} is spent${theirs('budget') ? `, and now it says ${theirs('budget')}` : ''}.`}
        error={fault('budget', 'budget_usd_micros')}
        className="max-w-60"
      >
        <Input
          inputMode="decimal"
          value={words.budget}
          onChange={(event) => onChange({ budget: event.target.value })}
        />
      </Field>
    </>
  )
}
