import { Field } from '@/components/ui/field'
import { Select } from '@/components/ui/input'
import { attemptWords } from '@/components/words'

interface AttemptsFieldProps {
  value: number
  onChange: (attempts: number) => void
  error: string | undefined
}

/** How many attempts are made side by side. */
export function AttemptsField({ value, onChange, error }: AttemptsFieldProps) {
  return (
    <Field
      label="Attempts side by side"
      {...(value > 1 ? { hint: 'Each has its share of the budget; the best one is delivered.' } : {})}
      error={error}
    >
      <Select value={value} onChange={(event) => onChange(Number(event.target.value))}>
        {Object.entries(attemptWords).map(([n, word]) => (
          <option key={n} value={n}>
            {word}
          </option>
        ))}
      </Select>
    </Field>
  )
}
