import type { AuditEntry } from '@/api/generated/types.gen'
import { JsonView } from '@/components/fold'
import { Dialog } from '@/components/ui/dialog'
import { exact } from '@/lib/dates'

/** All that an entry says. */
export function AuditDetail({ entry, onClose }: { entry: AuditEntry | undefined; onClose: () => void }) {
  return (
    <Dialog open={entry !== undefined} onClose={onClose} title={entry?.action ?? ''} side="right">
      {entry && (
        <div className="flex flex-col gap-4 text-sm">
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
            <dt className="text-ink-3">Who</dt>
            <dd className="wrap-anywhere">{entry.actor}</dd>
            <dt className="text-ink-3">When</dt>
            <dd>{exact(entry.at)}</dd>
            <dt className="text-ink-3">To what</dt>
            <dd>
              <code className="text-xs wrap-anywhere">{entry.subject}</code>
            </dd>
            <dt className="text-ink-3">Hash</dt>
            <dd>
              <code className="text-xs wrap-anywhere">{entry.hash}</code>
            </dd>
          </dl>
          <JsonView value={entry.detail ?? {}} label="Detail" />
        </div>
      )}
    </Dialog>
  )
}
