import type { ApiError } from '@/api/problem'
import { ModelSelect, priceOf, useModels } from '@/components/model-select'
import { Field } from '@/components/ui/field'
import { Input, Textarea } from '@/components/ui/input'
import { dollars, money } from '@/lib/numbers'
import type { ForkWords } from './fork-words'

interface ForkFieldsProps {
  words: ForkWords
  onChange: (change: Partial<ForkWords>) => void
  wrong: Partial<Record<keyof ForkWords, string>>
  error: ApiError | null
  /** What the task has left to spend. */
  left: number
}

/** What a fork may be told otherwise. */
export function ForkFields({ words, onChange, wrong, error, left }: ForkFieldsProps) {
  const price = priceOf(useModels()?.find(({ id }) => id === words.model))
  return (
    <>
      <Field label="Title" error={wrong.title ?? error?.field('title')}>
        <Input value={words.title} onChange={(event) => onChange({ title: event.target.value })} />
      </Field>
      <Field
        label="What is asked for"
        hint="What you change here holds for the fork from its next step on; the task keeps its own words."
        error={error?.field('description')}
      >
        <Textarea
          rows={6}
          value={words.description}
          onChange={(event) => onChange({ description: event.target.value })}
        />
      </Field>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Model of every role" {...(price ? { hint: price } : {})} error={error?.field('model')}>
          <ModelSelect value={words.model} onChange={(model) => onChange({ model })} otherwise="As before" />
        </Field>
        <Field
          label="Most it may cost, in dollars"
          {...(wrong.budget ? {} : { hint: `The task has ${money(left)} left.` })}
          error={wrong.budget ?? error?.field('budget_usd_micros')}
        >
          <Input
            inputMode="decimal"
            placeholder={dollars(left)}
            value={words.budget}
            onChange={(event) => onChange({ budget: event.target.value })}
          />
        </Field>
      </div>
    </>
  )
}
