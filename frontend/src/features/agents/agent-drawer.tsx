import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import {
  getAgentRunOptions,
  getTranscriptQueryKey,
  listModelCallsQueryKey,
  listToolCallsQueryKey,
} from '@/api/generated/@tanstack/react-query.gen'
import { getTranscript, listModelCalls, listToolCalls } from '@/api/generated/sdk.gen'
import type { ModelCall, ToolCall } from '@/api/generated/types.gen'
import { itemsOf, pagesOptions } from '@/api/pages'
import { JsonView } from '@/components/fold'
import { LoadMore } from '@/components/lists/load-more'
import { ProblemCard } from '@/components/problem-card'
import { Badge } from '@/components/ui/badge'
import { Dialog } from '@/components/ui/dialog'
import { Skeleton, SkeletonRows } from '@/components/ui/skeleton'
import { Segmented } from '@/components/ui/toggle'
import { Cost, Elapsed, Tokens } from '@/components/values'
import { duration } from '@/lib/dates'
import { plural } from '@/lib/numbers'
import { Message } from './message'

type Part = 'conversation' | 'models' | 'tools'

/** One agent of a run, for itself: what was said, which models were asked, which tools were used, and what it cost. */
export default function AgentDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const [part, setPart] = useState<Part>('conversation')
  const agent = useQuery(getAgentRunOptions({ path: { id } }))
  const data = agent.data?.agent_run
  return (
    <Dialog open onClose={onClose} side="right" title={data ? data.agent : 'Agent'}>
      {agent.isLoadingError ? (
        <ProblemCard error={agent.error} retry={() => void agent.refetch()} compact />
      ) : (
        <div className="flex flex-col gap-3 text-sm">
          {data ? (
            <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-ink-2">
              <Badge tone={data.state === 'failed' ? 'bad' : data.state === 'running' ? 'run' : 'idle'}>
                {data.state}
              </Badge>
              <span>{data.model}</span>
              <span>{plural(data.turns, 'turn')}</span>
              <Tokens n={data.usage.input_tokens + data.usage.output_tokens} />
              <Cost usage={data.usage} />
              <Elapsed from={data.started_at} to={data.ended_at} />
            </p>
          ) : (
            <Skeleton className="h-5" />
          )}
          <span>
            <Segmented
              label="What of this agent"
              value={part}
              onChange={setPart}
              options={[
                { value: 'conversation', label: 'Conversation' },
                { value: 'models', label: 'Model calls' },
                { value: 'tools', label: 'Tools' },
              ]}
            />
          </span>
          {part === 'conversation' && <Conversation id={id} />}
          {part === 'models' && <ModelCalls id={id} />}
          {part === 'tools' && <ToolCalls id={id} />}
        </div>
      )}
    </Dialog>
  )
}

function Conversation({ id }: { id: string }) {
  const path = { id }
  const query = useInfiniteQuery(
    pagesOptions(getTranscriptQueryKey({ path }), (cursor, signal) =>
      getTranscript({ path, query: { cursor }, signal }),
    ),
  )
  const items = itemsOf(query.data)
  if (query.isLoadingError) return <ProblemCard error={query.error} retry={() => void query.refetch()} compact />
  if (!items) return <SkeletonRows rows={4} label="Loading the conversation" />
  return (
    <>
      <ol aria-label="Conversation" className="flex flex-col gap-3">
        {items.map((message, i) => (
          <Message key={i} number={i + 1} message={message} />
        ))}
      </ol>
      {items.length === 0 && <p className="text-ink-3">Nothing was said yet.</p>}
      <LoadMore more={query.hasNextPage} busy={query.isFetchingNextPage} onMore={() => void query.fetchNextPage()} />
    </>
  )
}

/** A line that can be opened. */
function Call({ title, facts, children }: { title: ReactNode; facts: ReactNode; children?: ReactNode }) {
  return (
    <li className="rounded-md border border-line px-3 py-2">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="min-w-0 flex-1 font-medium wrap-anywhere">{title}</span>
        <span className="nums flex flex-wrap gap-3 text-xs text-ink-3">{facts}</span>
      </p>
      {children}
    </li>
  )
}

const took = (from: string | undefined, to: string | undefined) =>
  from && to ? duration(new Date(to).getTime() - new Date(from).getTime()) : undefined

function ModelCalls({ id }: { id: string }) {
  const path = { id }
  const query = useInfiniteQuery(
    pagesOptions(listModelCallsQueryKey({ path }), (cursor, signal) =>
      listModelCalls({ path, query: { cursor }, signal }),
    ),
  )
  const items = itemsOf(query.data)
  if (query.isLoadingError) return <ProblemCard error={query.error} retry={() => void query.refetch()} compact />
  if (!items) return <SkeletonRows rows={4} label="Loading model calls" />
  if (items.length === 0) return <p className="text-ink-3">No model was asked yet.</p>
  return (
    <>
      <ol aria-label="Model calls" className="flex flex-col gap-2">
        {items.map((call: ModelCall) => (
          <Call
            key={call.id}
            title={`Turn ${call.turn}${call.attempt > 1 ? `, attempt ${call.attempt}` : ''}`}
            facts={
              <>
                <span>{call.state}</span>
                <span>{call.model}</span>
                <span>{took(call.sent_at, call.ended_at)}</span>
                {call.usage && <Tokens n={call.usage.input_tokens + call.usage.output_tokens} />}
                {call.usage && <Cost usage={call.usage} />}
              </>
            }
          >
            {call.error && <p className="mt-1 text-bad wrap-anywhere">{call.error}</p>}
          </Call>
        ))}
      </ol>
      <LoadMore more={query.hasNextPage} busy={query.isFetchingNextPage} onMore={() => void query.fetchNextPage()} />
    </>
  )
}

function ToolCalls({ id }: { id: string }) {
  const path = { id }
  const query = useInfiniteQuery(
    pagesOptions(listToolCallsQueryKey({ path }), (cursor, signal) =>
      listToolCalls({ path, query: { cursor }, signal }),
    ),
  )
  const items = itemsOf(query.data)
  if (query.isLoadingError) return <ProblemCard error={query.error} retry={() => void query.refetch()} compact />
  if (!items) return <SkeletonRows rows={4} label="Loading tool calls" />
  if (items.length === 0) return <p className="text-ink-3">No tool was used yet.</p>
  return (
    <>
      <ol aria-label="Tool calls" className="flex flex-col gap-2">
        {items.map((call: ToolCall) => (
          <Call
            key={call.id}
            title={<code className="text-xs">{call.tool}</code>}
            facts={
              <>
                <span className={call.is_error ? 'text-bad' : undefined}>{call.is_error ? 'failed' : call.state}</span>
                <span>{took(call.started_at, call.ended_at)}</span>
                <span>turn {call.turn}</span>
              </>
            }
          >
            <details className="mt-1">
              <summary className="min-h-6 cursor-pointer text-xs text-ink-3">
                What was asked, and what came of it
              </summary>
              <div className="mt-1 flex flex-col gap-1.5">
                <JsonView value={call.arguments} label={`Asked of ${call.tool} ${call.ordinal}`} />
                {call.result !== undefined && (
                  <JsonView value={call.result} label={`Answer of ${call.tool} ${call.ordinal}`} />
                )}
              </div>
            </details>
          </Call>
        ))}
      </ol>
      <LoadMore more={query.hasNextPage} busy={query.isFetchingNextPage} onMore={() => void query.fetchNextPage()} />
    </>
  )
}
