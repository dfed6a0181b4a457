import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { AuditEntry } from '@/api/generated/types.gen'
import { JsonView } from '@/components/fold'
import { CopyButton } from '@/components/ui/copy-button'
import { Dialog } from '@/components/ui/dialog'
import { exact } from '@/lib/dates'
import { type DetailRow, detailRows } from './detail-rows'

/** All that an entry says. */
export function AuditDetail({ entry, onClose }: { entry: AuditEntry | undefined; onClose: () => void }) {
  return (
    <Dialog open={entry !== undefined} onClose={onClose} title={entry?.action ?? ''} side="right">
      {entry && <Entry entry={entry} />}
    </Dialog>
  )
}

function Entry({ entry }: { entry: AuditEntry }) {
  const rows = detailRows(entry.detail)
  return (
    <div className="flex flex-col gap-5 text-sm">
      <dl className="grid grid-cols-[6rem_minmax(0,1fr)] gap-x-4 gap-y-2">
        <Line word="Who">{entry.actor}</Line>
        <Line word="When">{exact(entry.at)}</Line>
        <Line word="To what">
          <Subject id={entry.subject} />
        </Line>
        <Line word="Number">{entry.seq}</Line>
      </dl>
      <section aria-labelledby="detail">
        <h3 id="detail" className="mb-1 font-medium">
          What it says
        </h3>
        {rows.length === 0 ? (
          <p className="text-ink-2">Nothing more.</p>
        ) : (
          <dl className="divide-y divide-line rounded-lg border border-line">
            {rows.map((row, i) => (
              <Row key={i} row={row} />
            ))}
          </dl>
        )}
      </section>
      <details className="group">
        <summary className="cursor-pointer text-ink-2 hover:text-ink">Raw</summary>
        <div className="mt-2 flex flex-col gap-2">
          <p className="flex items-center gap-2 text-xs text-ink-3">
            <span className="shrink-0">Hash</span>
            <code className="min-w-0 flex-1 wrap-anywhere">{entry.hash}</code>
            <CopyButton text={entry.hash} label="Copy the hash" />
          </p>
          <JsonView value={entry.detail ?? {}} label="Detail" />
        </div>
      </details>
    </div>
  )
}

function Line({ word, children }: { word: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{word}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </>
  )
}

function Row({ row: { label, value, before } }: { row: DetailRow }) {
  return (
    <div className="grid gap-x-4 px-3 py-2 sm:grid-cols-[10rem_minmax(0,1fr)]">
      <dt className="text-ink-3">{label}</dt>
      <dd className="wrap-anywhere">
        {before !== undefined && (
          <>
            <del className="text-ink-3">{before}</del> <span aria-hidden>→</span>{' '}
          </>
        )}
        {isId(value) ? (
          <Subject id={value} />
        ) : (
          <span className={before === undefined ? undefined : 'font-medium'}>{value}</span>
        )}
      </dd>
    </div>
  )
}

const isId = (text: string) => /^[a-z]+_[0-9a-f]{32}$/.test(text)

/** What it was done to, and the way there where it has a page of its own. */
function Subject({ id }: { id: string }) {
  const words = <code className="text-xs">{id}</code>
  const look = 'text-link hover:underline'
  if (id.startsWith('task_'))
    return (
      <Link to="/tasks/$taskId" params={{ taskId: id }} className={look}>
        {words}
      </Link>
    )
  if (id.startsWith('repo_'))
    return (
      <Link to="/repositories/$repositoryId" params={{ repositoryId: id }} className={look}>
        {words}
      </Link>
    )
  return words
}
