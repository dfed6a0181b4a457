import { useQuery } from '@tanstack/react-query'
import { CircleCheck, CircleDashed, CircleX, Clock, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { listModelsOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Model, ModelPrice } from '@/api/generated/types.gen'
import { ProblemCard } from '@/components/problem-card'
import { Badge, type Tone } from '@/components/ui/badge'
import { SkeletonRows } from '@/components/ui/skeleton'
import { Table, Td, Th } from '@/components/ui/table'
import { money, short } from '@/lib/numbers'

const states: Record<Model['state'], { word: string; tone: Tone; icon: ReactNode }> = {
  current: { word: 'Current', tone: 'ok', icon: <CircleCheck aria-hidden /> },
  legacy: { word: 'Earlier', tone: 'idle', icon: <Clock aria-hidden /> },
  deprecated: { word: 'Ends soon', tone: 'wait', icon: <TriangleAlert aria-hidden /> },
  retired: { word: 'Retired', tone: 'bad', icon: <CircleX aria-hidden /> },
}
const tiers: Record<Model['tier'], string> = { fast: 'Fast', standard: 'Standard', deep: 'Deep' }
const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' })
const order = ['current', 'legacy', 'deprecated', 'retired']

/** A price for every length of prompt that has its own. */
function Prices({ prices, of }: { prices: ModelPrice[]; of: (price: ModelPrice) => number }) {
  if (prices.length === 0) return '–'
  return (
    <span className="flex flex-col">
      {prices.map((price) => (
        <span key={price.prompt_tokens_over} className={price.prompt_tokens_over > 0 ? 'text-ink-3' : undefined}>
          {money(of(price))}
        </span>
      ))}
    </span>
  )
}

/** The models there are, and what a million tokens cost. */
export function Models() {
  const { data, error, refetch } = useQuery(listModelsOptions())
  if (error && !data) return <ProblemCard error={error} retry={() => void refetch()} compact />
  if (!data) return <SkeletonRows label="Loading models" />
  const models = data.items.toSorted(
    (a, b) => Number(b.available) - Number(a.available) || order.indexOf(a.state) - order.indexOf(b.state),
  )
  return (
    <>
      <p className="text-sm text-ink-2">
        Prices are for a million tokens. Keys of vendors are given to the server and are never shown here.
      </p>
      <Table label="Models" card className="[&_td:first-child]:min-w-52">
        <thead>
          <tr>
            <Th>Model</Th>
            <Th>Here</Th>
            <Th>State</Th>
            <Th right>Prompt over</Th>
            <Th right>In</Th>
            <Th right>Out</Th>
            <Th right>Cache read</Th>
            <Th right>Cache write</Th>
            <Th right>Window</Th>
          </tr>
        </thead>
        <tbody>
          {models.map((model) => (
            <tr key={model.id} className="align-top [&>td]:py-2">
              <Td>
                <code className="text-xs font-medium">{model.id}</code>
                <span className="block text-xs text-ink-3">
                  {model.provider} · {tiers[model.tier]}
                </span>
                {model.default_of.length > 0 && (
                  <span className="block text-xs text-ink-3">used by {model.default_of.join(', ')}</span>
                )}
              </Td>
              <Td>
                {model.available ? (
                  <Badge tone="ok" icon={<CircleCheck aria-hidden />}>
                    Ready
                  </Badge>
                ) : (
                  <Badge icon={<CircleDashed aria-hidden />}>Not ready</Badge>
                )}
                {model.missing && <span className="block max-w-48 pt-0.5 text-xs text-ink-3">{model.missing}</span>}
              </Td>
              <Td>
                <Badge tone={states[model.state].tone} icon={states[model.state].icon}>
                  {states[model.state].word}
                </Badge>
                {model.retires && (
                  <span className="block pt-0.5 text-xs whitespace-nowrap text-ink-3">
                    {model.state === 'retired' ? 'since' : 'until'} {day.format(new Date(model.retires))}
                  </span>
                )}
                {model.successor && (
                  <span className="block text-xs whitespace-nowrap text-ink-3">use {model.successor}</span>
                )}
              </Td>
              <Td right>
                <span className="flex flex-col">
                  {model.prices.map((price) => (
                    <span key={price.prompt_tokens_over} className="text-ink-3">
                      {price.prompt_tokens_over === 0 ? 'any' : short(price.prompt_tokens_over)}
                    </span>
                  ))}
                </span>
              </Td>
              <Td right>
                <Prices prices={model.prices} of={({ input }) => input} />
              </Td>
              <Td right>
                <Prices prices={model.prices} of={({ output }) => output} />
              </Td>
              <Td right>
                <Prices prices={model.prices} of={({ cache_read }) => cache_read} />
              </Td>
              <Td right>
                <Prices prices={model.prices} of={({ cache_write }) => cache_write} />
              </Td>
              <Td right>{short(model.context)}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </>
  )
}
