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

/** What is paid for, in the order of a conversation. */
const sums: { word: string; of: (price: ModelPrice) => number }[] = [
  { word: 'In', of: ({ input }) => input },
  { word: 'Out', of: ({ output }) => output },
  { word: 'Cache read', of: ({ cache_read }) => cache_read },
  { word: 'Cache write', of: ({ cache_write }) => cache_write },
]
const over = (tokens: number) => (tokens === 0 ? 'any' : short(tokens))

function Name({ model }: { model: Model }) {
  return (
    <>
      <code className="text-xs font-medium">{model.id}</code>
      <span className="block text-xs text-ink-3">
        {model.provider} · {tiers[model.tier]}
      </span>
      {model.default_of.length > 0 && (
        <span className="block text-xs text-ink-3">used by {model.default_of.join(', ')}</span>
      )}
    </>
  )
}

/** Whether it can be used in this installation, and what is missing. */
function Here({ model }: { model: Model }) {
  return (
    <>
      {model.available ? (
        <Badge tone="ok" icon={<CircleCheck aria-hidden />}>
          Ready
        </Badge>
      ) : (
        <Badge icon={<CircleDashed aria-hidden />}>Not ready</Badge>
      )}
      {model.missing && <span className="block max-w-48 pt-0.5 text-xs text-ink-3">{model.missing}</span>}
    </>
  )
}

/** Whether its vendor still offers it. */
function State({ model }: { model: Model }) {
  const { tone, icon, word } = states[model.state]
  return (
    <>
      <Badge tone={tone} icon={icon}>
        {word}
      </Badge>
      {model.retires && (
        <span className="block pt-0.5 text-xs whitespace-nowrap text-ink-3">
          {model.state === 'retired' ? 'since' : 'until'} {day.format(new Date(model.retires))}
        </span>
      )}
      {model.successor && <span className="block text-xs whitespace-nowrap text-ink-3">use {model.successor}</span>}
    </>
  )
}

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
      <ModelTable models={models} />
      <ul aria-label="Models" className="flex flex-col gap-3 lg:hidden">
        {models.map((model) => (
          <ModelCard key={model.id} model={model} />
        ))}
      </ul>
    </>
  )
}

function ModelTable({ models }: { models: readonly Model[] }) {
  return (
    <div className="max-lg:hidden">
      <Table label="Models" card className="[&_td:first-child]:min-w-52">
        <thead>
          <tr>
            <Th>Model</Th>
            <Th>Here</Th>
            <Th>State</Th>
            <Th right>Prompt over</Th>
            {sums.map(({ word }) => (
              <Th right key={word}>
                {word}
              </Th>
            ))}
            <Th right>Window</Th>
          </tr>
        </thead>
        <tbody>
          {models.map((model) => (
            <tr key={model.id} className="align-top [&>td]:py-2">
              <Td>
                <Name model={model} />
              </Td>
              <Td>
                <Here model={model} />
              </Td>
              <Td>
                <State model={model} />
              </Td>
              <Td right>
                <span className="flex flex-col">
                  {model.prices.map(({ prompt_tokens_over }) => (
                    <span key={prompt_tokens_over} className="text-ink-3">
                      {over(prompt_tokens_over)}
                    </span>
                  ))}
                </span>
              </Td>
              {sums.map(({ word, of }) => (
                <Td right key={word}>
                  <Prices prices={model.prices} of={of} />
                </Td>
              ))}
              <Td right>{short(model.context)}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  )
}

/** The same where there is no room for nine columns: a column for every length of prompt that has its own prices. */
function ModelCard({ model }: { model: Model }) {
  const lengths = model.prices.length > 1
  return (
    <li className="flex flex-col gap-2 rounded-lg border border-line bg-surface p-3 text-sm">
      <div className="wrap-anywhere">
        <Name model={model} />
      </div>
      <div className="flex flex-wrap items-start gap-x-3 gap-y-1">
        <div>
          <State model={model} />
        </div>
        <div>
          <Here model={model} />
        </div>
      </div>
      <table className="nums w-full max-w-sm text-xs">
        {lengths && (
          <thead>
            <tr>
              <th scope="col" className="py-0.5 pr-2 text-left font-medium text-ink-3">
                Prompt over
              </th>
              {model.prices.map(({ prompt_tokens_over }) => (
                <th key={prompt_tokens_over} scope="col" className="py-0.5 pl-2 text-right font-medium text-ink-3">
                  {over(prompt_tokens_over)}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {model.prices.length > 0 &&
            sums.map(({ word, of }) => (
              <tr key={word}>
                <th scope="row" className="py-0.5 pr-2 text-left font-normal text-ink-3">
                  {word}
                </th>
                {model.prices.map((price) => (
                  <td key={price.prompt_tokens_over} className="py-0.5 pl-2 text-right">
                    {money(of(price))}
                  </td>
                ))}
              </tr>
            ))}
          <tr>
            <th scope="row" className="py-0.5 pr-2 text-left font-normal text-ink-3">
              Window
            </th>
            <td colSpan={Math.max(1, model.prices.length)} className="py-0.5 pl-2 text-right">
              {short(model.context)}
            </td>
          </tr>
        </tbody>
      </table>
    </li>
  )
}
