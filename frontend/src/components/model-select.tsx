import { useQuery } from '@tanstack/react-query'
import type { ComponentProps } from 'react'
import { listModelsOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Model } from '@/api/generated/types.gen'
import { Select } from '@/components/ui/input'
import { money } from '@/lib/numbers'

/** The models that can be used here; nothing while they are asked for. */
export function useModels(): Model[] | undefined {
  const { data } = useQuery({ ...listModelsOptions(), staleTime: 5 * 60_000 })
  return data?.items.filter(({ available, state }) => available && state !== 'retired')
}

/** What a model costs, in words. */
export function priceOf(model: Model | undefined): string | undefined {
  const price = model?.prices[0]
  return price && `${money(price.input)} in and ${money(price.output)} out for a million tokens`
}

/** What a role uses when nobody says otherwise. */
export const usualOf = (models: readonly Model[] | undefined, role: string): string | undefined =>
  models?.find(({ default_of }) => default_of.includes(role))?.id

interface ModelSelectProps extends Omit<ComponentProps<'select'>, 'value' | 'onChange'> {
  value: string
  onChange: (model: string) => void
  /** What it is called when none is chosen. */
  otherwise: string
}

/** One of the models, or none in particular. */
export function ModelSelect({ value, onChange, otherwise, ...props }: ModelSelectProps) {
  const models = useModels() ?? []
  // Kept from before, it may not be there any more; the server says what is wrong with it.
  const known = value === '' || models.some(({ id }) => id === value)
  return (
    <Select value={value} onChange={(event) => onChange(event.target.value)} {...props}>
      <option value="">{otherwise}</option>
      {!known && <option value={value}>{value}</option>}
      {models.map(({ id, tier }) => (
        <option key={id} value={id}>
          {id} · {tier}
        </option>
      ))}
    </Select>
  )
}
