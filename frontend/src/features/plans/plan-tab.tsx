import { useQuery } from '@tanstack/react-query'
import { ClipboardList } from 'lucide-react'
import { useState } from 'react'
import type { Plan, PlanVersion, Run } from '@/api/generated/types.gen'
import { plansOf } from '@/api/whole'
import { Empty } from '@/components/empty'
import { ProblemCard } from '@/components/problem-card'
import { Scroll } from '@/components/scroll'
import { hasEnded } from '@/components/states'
import { Button } from '@/components/ui/button'
import { Select } from '@/components/ui/input'
import { SkeletonRows } from '@/components/ui/skeleton'
import { exact } from '@/lib/dates'
import { PlanChanges } from './plan-changes'
import { PlanDecision } from './plan-decision'
import { PlanStateBadge, PlanView, stateOf } from './plan-view'

/** The plans of a run, version by version. What is being read is never swapped for a newer one unasked. */
export default function PlanTab({ run }: { run: Run }) {
  const plans = useQuery(plansOf(run.id))
  const [chosen, setChosen] = useState<number>()
  const [compare, setCompare] = useState(false)
  const items = plans.data?.items ?? []
  const newest = items.at(-1)
  // The version that was newest when the reader came stays until they ask for another.
  if (chosen === undefined && newest) setChosen(newest.version)
  const shown = items.find(({ version }) => version === chosen) ?? newest
  const before = items.filter(({ version }) => version < (shown?.version ?? 0)).at(-1)

  if (plans.isLoadingError) return <ProblemCard error={plans.error} retry={() => void plans.refetch()} />
  if (!plans.data) return <SkeletonRows label="Loading the plan" />
  if (!shown || !newest)
    return (
      <Empty icon={<ClipboardList />} title={hasEnded(run) ? 'This run made no plan' : 'No plan yet'}>
        {hasEnded(run)
          ? 'It went straight to the code, or ended before.'
          : 'The planner reads the repository first. Its plan shows up here by itself.'}
      </Empty>
    )
  const old = shown.version !== newest.version
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {old && (
        <div
          role="status"
          className="flex flex-wrap items-center gap-2 border-b border-line bg-plan-tint px-4 py-2 text-sm text-plan lg:px-6"
        >
          <span className="flex-1">You are reading version {shown.version}; there is a newer one.</span>
          <Button size="sm" onClick={() => setChosen(newest.version)}>
            Read version {newest.version}
          </Button>
        </div>
      )}
      <Scroll label="The plan">
        <div className="mx-auto flex max-w-3xl flex-col gap-4">
          <div className="flex flex-wrap items-center gap-2">
            <PlanStateBadge state={stateOf(shown, old, run.status === 'awaiting_plan')} />
            <span className="text-xs text-ink-3">
              Version {shown.version} of {newest.version}, {exact(shown.created_at)}
            </span>
            {items.length > 1 && (
              <span className="ml-auto flex items-center gap-2">
                <span className="w-32">
                  <Select
                    aria-label="Version"
                    value={shown.version}
                    onChange={(event) => setChosen(Number(event.target.value))}
                  >
                    {items.map(({ version }) => (
                      <option key={version} value={version}>
                        Version {version}
                      </option>
                    ))}
                  </Select>
                </span>
                {before && (
                  <Button aria-pressed={compare} onClick={() => setCompare(!compare)}>
                    {compare ? 'Show the plan' : `Compare with ${before.version}`}
                  </Button>
                )}
              </span>
            )}
          </div>
          {shown.decision?.text && (
            <blockquote className="rounded-md border-l-2 border-line-strong bg-surface-2 px-3 py-2 text-sm">
              <p className="text-xs text-ink-3">{shown.decision.by?.name ?? 'A person'} said</p>
              <p className="whitespace-pre-wrap">{shown.decision.text}</p>
            </blockquote>
          )}
          {compare && before ? (
            <PlanChanges before={asFollowed(before)} after={asFollowed(shown)} />
          ) : (
            <PlanView plan={asFollowed(shown)} />
          )}
        </div>
      </Scroll>
      <PlanDecision run={run} shown={shown} old={old} />
    </div>
  )
}

/** A plan as it is followed: in the words of whoever approved it, if they changed it. */
const asFollowed = (version: PlanVersion): Plan => version.decision?.plan ?? version.plan
