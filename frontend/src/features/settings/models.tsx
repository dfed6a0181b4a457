import { useQuery } from '@tanstack/react-query'
import { CircleCheck, CircleDashed } from 'lucide-react'
import { listModelsOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Model } from '@/api/generated/types.gen'
import { ProblemCard } from '@/components/problem-card'
import { Badge, type Tone } from '@/components/ui/badge'
import { SkeletonRows } from '@/components/ui/skeleton'
import { Table, Td, Th } from '@/components/ui/table'
import { short } from '@/lib/numbers'

const states: Record<Model['state'], Tone> = { current: 'ok', legacy: 'idle', deprecated: 'wait', retired: 'bad' }
const dollars = (price: number | undefined) => (price === undefined ? '–' : `$${price.toFixed(2)}`)

/** The models there are, and what a million tokens cost. */
export function Models() {
  const { data, error, refetch } = useQuery(listModelsOptions())
  if (error) return <ProblemCard error={error} retry={() => void refetch()} compact />
  if (!data) return <SkeletonRows />
  return (
    <>
      <p className="text-sm text-ink-2">
        Prices are for a million tokens. Keys of vendors are given to the server and are never shown here.
      </p>
      <Table label="Models">
        <thead>
          <tr>
            <Th>Model</Th>
            <Th>Ready</Th>
            <Th>State</Th>
            <Th>Tier</Th>
            <Th right>In</Th>
            <Th right>Out</Th>
            <Th right>From cache</Th>
            <Th right>Window</Th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((model) => (
            <tr key={model.id}>
              <Td>
                <code className="text-xs">{model.id}</code>
                <span className="block text-xs text-ink-3">{model.provider}</span>
              </Td>
              <Td>
                {model.available ? (
                  <Badge tone="ok" icon={<CircleCheck aria-hidden />}>
                    Key is set
                  </Badge>
                ) : (
                  <Badge icon={<CircleDashed aria-hidden />}>No key</Badge>
                )}
              </Td>
              <Td>
                <Badge tone={states[model.state]}>{model.state}</Badge>
                {model.successor && <span className="block text-xs text-ink-3">use {model.successor}</span>}
              </Td>
              <Td>{model.tier}</Td>
              <Td right>{dollars(model.price.input)}</Td>
              <Td right>{dollars(model.price.output)}</Td>
              <Td right>{dollars(model.price.cache_read)}</Td>
              <Td right>{short(model.context)}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </>
  )
}
