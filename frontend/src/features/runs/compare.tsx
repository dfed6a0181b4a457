import { useQuery } from '@tanstack/react-query'
import { ChevronRight, X } from 'lucide-react'
import { useState } from 'react'
import {
  getChecksOptions,
  getDiffOptions,
  getFileDiffOptions,
  getRunOptions,
} from '@/api/generated/@tanstack/react-query.gen'
import type { ChangedFile, TestVerdict } from '@/api/generated/types.gen'
import { Counts } from '@/components/counts'
import { part, WhenHere } from '@/components/part'
import { ProblemCard } from '@/components/problem-card'
import { StatusBadge } from '@/components/states'
import { results } from '@/components/steps'
import { IconButton } from '@/components/ui/button'
import { Skeleton, SkeletonRows } from '@/components/ui/skeleton'
import { Table, Td, Th } from '@/components/ui/table'
import { Cost, Elapsed, Tokens } from '@/components/values'

const PatchView = part(() => import('@/components/diff/patch-view'))

const tests: Record<TestVerdict, string> = { green: 'pass', failing: 'fail', not_run: 'say nothing' }

/** All that is asked about one of the two. */
function useSide(id: string) {
  const path = { id }
  const [run, diff, checks] = [
    useQuery(getRunOptions({ path })),
    useQuery(getDiffOptions({ path })),
    useQuery(getChecksOptions({ path })),
  ]
  const failed = [run, diff, checks].find(({ isLoadingError }) => isLoadingError)
  const whole = run.data && diff.data && checks.data
  return {
    error: failed?.error,
    again: () => void Promise.all([run.refetch(), diff.refetch(), checks.refetch()]),
    data: whole ? { run: run.data, files: diff.data.files, checks: checks.data } : undefined,
  }
}

interface CompareProps {
  /** The runs, and what they are called here. */
  left: { id: string; name: string }
  right: { id: string; name: string }
  onClose: () => void
}

/** Two attempts at the same task beside each other: what they took, and what they changed. */
export default function Compare({ left, right, onClose }: CompareProps) {
  const [a, b] = [useSide(left.id), useSide(right.id)]
  const failed = a.error ? a : b.error ? b : undefined
  if (failed) return <ProblemCard error={failed.error} retry={failed.again} />
  if (!a.data || !b.data) return <SkeletonRows label="Loading the comparison" />
  const sides = [
    { ...left, ...a.data },
    { ...right, ...b.data },
  ]
  const paths = [...new Set(sides.flatMap(({ files }) => files.map(({ path }) => path)))].sort()
  return (
    <section aria-label={`${left.name} beside ${right.name}`} className="flex flex-col gap-4 p-4 lg:px-6">
      <header className="flex items-center gap-2">
        <h2 className="flex-1 font-medium">
          {left.name} beside {right.name}
        </h2>
        <IconButton label="Close the comparison" size="icon-sm" onClick={onClose}>
          <X />
        </IconButton>
      </header>
      <Table label="What they took" card stacks>
        <thead>
          <tr>
            <Th>Run</Th>
            <Th>Status</Th>
            <Th>Came to</Th>
            <Th>Tests</Th>
            <Th right>Files</Th>
            <Th right>Tokens</Th>
            <Th right>Cost</Th>
            <Th right>Time</Th>
          </tr>
        </thead>
        <tbody>
          {sides.map(({ id, name, run, files, checks }) => (
            <tr key={id}>
              <Td className="font-medium whitespace-nowrap">{name}</Td>
              <Td>
                <StatusBadge status={run.status} />
              </Td>
              <Td className="text-ink-2">{(run.result && results[run.result]) ?? run.failure?.reason ?? '–'}</Td>
              <Td word="Tests">
                {checks.evidence
                  .at(-1)
                  ?.suites.map(({ verdict }) => tests[verdict])
                  .join(', ') ?? '–'}
              </Td>
              <Td right word="Files">
                {files.length}
              </Td>
              <Td right word="Tokens">
                <Tokens n={run.usage.input_tokens + run.usage.output_tokens} />
              </Td>
              <Td right word="Cost">
                <Cost usage={run.usage} />
              </Td>
              <Td right word="Time">
                <Elapsed from={run.created_at} to={run.ended_at} />
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
      {paths.length === 0 && <p className="text-sm text-ink-2">Neither of them has changed a file.</p>}
      <ul aria-label="Files that they changed" className="flex flex-col gap-2">
        {paths.map((path) => (
          <FilePair
            key={path}
            path={path}
            sides={sides.map(({ id, name, files }) => ({ id, name, file: files.find((one) => one.path === path) }))}
          />
        ))}
      </ul>
    </section>
  )
}

interface Side {
  id: string
  name: string
  file: ChangedFile | undefined
}

/** One file, as each of them has changed it; read when it is opened. */
function FilePair({ path, sides }: { path: string; sides: Side[] }) {
  const [open, setOpen] = useState(false)
  const only = sides.filter(({ file }) => file)
  return (
    <li>
      <details
        className="group/file rounded-lg border border-line bg-surface"
        onToggle={(event) => setOpen(event.currentTarget.open)}
      >
        <summary className="flex min-h-8 cursor-pointer flex-wrap items-center gap-x-4 px-3 text-xs">
          <ChevronRight
            aria-hidden
            className="-mx-1 size-4 shrink-0 text-ink-3 transition-transform group-open/file:rotate-90"
          />
          <code className="min-w-0 flex-1 wrap-anywhere">{path}</code>
          {only.length === 1 && <span className="text-ink-3">only in {only[0]?.name}</span>}
          {sides.map(({ id, file }) => file && <Counts key={id} added={file.additions} removed={file.deletions} />)}
        </summary>
        <div className="grid gap-px border-t border-line bg-line lg:grid-cols-2">
          {sides.map((side) => (
            <div key={side.id} className="min-w-0 overflow-x-auto bg-surface">
              <p className="px-3 py-1 text-xs font-medium text-ink-2">{side.name}</p>
              {side.file ? (
                open && <Patch side={side} path={path} />
              ) : (
                <p className="px-3 pb-3 text-sm text-ink-3">Left as it was.</p>
              )}
            </div>
          ))}
        </div>
      </details>
    </li>
  )
}

function Patch({ side, path }: { side: Side; path: string }) {
  const patch = useQuery(getFileDiffOptions({ path: { id: side.id }, query: { path } }))
  const wait = <Skeleton className="m-3 h-4" />
  if (side.file?.binary) return <p className="px-3 pb-3 text-sm text-ink-2">A binary file.</p>
  if (patch.isLoadingError) return <ProblemCard error={patch.error} retry={() => void patch.refetch()} compact />
  if (!patch.data) return wait
  return (
    <WhenHere part={PatchView} fallback={wait}>
      <PatchView path={path} patch={patch.data.patch} view="unified" />
    </WhenHere>
  )
}
