import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { CircleCheck, CirclePause, Plus, TriangleAlert, Webhook as WebhookIcon } from 'lucide-react'
import { useState } from 'react'
import {
  deleteWebhookMutation,
  listWebhooksOptions,
  listWebhooksQueryKey,
  updateWebhookMutation,
} from '@/api/generated/@tanstack/react-query.gen'
import type { Webhook } from '@/api/generated/types.gen'
import { Confirm } from '@/components/confirm'
import { Empty } from '@/components/empty'
import { ProblemCard } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { kinds, told } from '@/components/told'
import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { SkeletonRows } from '@/components/ui/skeleton'
import { RelativeTime } from '@/components/values'
import { plural } from '@/lib/numbers'
import { toast } from '@/stores/toasts'
import { Deliveries } from './deliveries'
import { EditWebhook } from './edit-webhook'
import { NewWebhook } from './new-webhook'

/** Other programs that are told what people are told. */
export function Webhooks() {
  const cache = useQueryClient()
  const webhooks = useQuery(listWebhooksOptions())
  const [making, setMaking] = useState(false)
  const [looking, setLooking] = useState<Webhook>()
  const [editing, setEditing] = useState<Webhook>()
  const [ending, setEnding] = useState<Webhook>()
  const read = () => void cache.invalidateQueries({ queryKey: listWebhooksQueryKey() })
  const update = useMutation({
    ...updateWebhookMutation(),
    onSuccess: read,
    onError: (error) => void toast(`That was not kept: ${error.message}`, { kind: 'bad' }),
  })
  const remove = useMutation({
    ...deleteWebhookMutation(),
    onSuccess: () => {
      read()
      setEnding(undefined)
    },
  })
  const make = (
    <Button look="primary" className="self-start" onClick={() => setMaking(true)}>
      <Plus /> New webhook
    </Button>
  )
  return (
    <>
      {webhooks.isLoadingError ? (
        <ProblemCard error={webhooks.error} retry={() => void webhooks.refetch()} compact />
      ) : !webhooks.data ? (
        <SkeletonRows rows={3} label="Loading webhooks" />
      ) : webhooks.data.items.length === 0 ? (
        <Empty icon={<WebhookIcon />} title="No webhook yet" action={make}>
          A program of yours is sent a signed message whenever one of your tasks needs somebody or ends.
        </Empty>
      ) : (
        <>
          {make}
          <ul aria-label="Webhooks" className="flex flex-col gap-3">
            {webhooks.data.items.map((webhook) => (
              <WebhookCard
                key={webhook.id}
                webhook={webhook}
                busy={update.isPending && update.variables.path.id === webhook.id}
                onLook={() => setLooking(webhook)}
                onEdit={() => setEditing(webhook)}
                onSwitch={() => update.mutate({ path: { id: webhook.id }, body: { active: !webhook.active } })}
                onDelete={() => setEnding(webhook)}
              />
            ))}
          </ul>
        </>
      )}
      {making && <NewWebhook onClose={() => setMaking(false)} onMade={read} />}
      {editing && <EditWebhook id={editing.id} onClose={() => setEditing(undefined)} />}
      {looking && <Deliveries webhook={looking} onClose={() => setLooking(undefined)} />}
      <Confirm
        open={ending !== undefined}
        onClose={() => setEnding(undefined)}
        title="Delete this webhook?"
        action="Delete"
        danger
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => ending && remove.mutate({ path: { id: ending.id } })}
      >
        <code className="break-all">{ending?.url}</code> is told nothing any more, and what it was sent is forgotten.
      </Confirm>
    </>
  )
}

interface CardProps {
  webhook: Webhook
  busy: boolean
  onLook: () => void
  onEdit: () => void
  onSwitch: () => void
  onDelete: () => void
}

function WebhookCard({ webhook, busy, onLook, onEdit, onSwitch, onDelete }: CardProps) {
  const me = useMe()
  const { url, active, failures, everyone } = webhook
  const all = webhook.kinds.length === kinds.length
  return (
    <li className="flex flex-col gap-2 rounded-lg border border-line bg-surface p-4 text-sm">
      <p className="flex flex-wrap items-center gap-2">
        {!active ? (
          <Badge icon={<CirclePause aria-hidden />}>Off</Badge>
        ) : failures > 0 ? (
          <Badge tone="wait" icon={<TriangleAlert aria-hidden />}>
            {plural(failures, 'failure')} in a row
          </Badge>
        ) : (
          <Badge tone="ok" icon={<CircleCheck aria-hidden />}>
            On
          </Badge>
        )}
        <code className="min-w-0 text-xs font-medium break-all">{url}</code>
      </p>
      {webhook.disabled_reason && <p className="text-wait">{webhook.disabled_reason}</p>}
      <p className="text-xs text-ink-3">
        {all ? 'Everything' : webhook.kinds.map((kind) => told[kind].word).join(', ')} ·{' '}
        {everyone ? 'everybody’s tasks' : webhook.owner_id === me.id ? 'your tasks' : 'its owner’s tasks'} · added{' '}
        <RelativeTime at={webhook.created_at} />
      </p>
      <p className="flex flex-wrap gap-2">
        <Button size="sm" onClick={onLook}>
          Deliveries
        </Button>
        <Button size="sm" onClick={onEdit}>
          Edit…
        </Button>
        <Button size="sm" busy={busy} onClick={onSwitch}>
          {active ? 'Switch off' : 'Switch on'}
        </Button>
        <Button size="sm" look="quiet" onClick={onDelete}>
          Delete
        </Button>
      </p>
    </li>
  )
}
