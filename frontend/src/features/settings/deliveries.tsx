import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { CircleCheck, CircleX, Clock, Inbox } from 'lucide-react'
import type { ReactNode } from 'react'
import { listWebhookDeliveriesQueryKey, redeliverWebhookMutation } from '@/api/generated/@tanstack/react-query.gen'
import { listWebhookDeliveries } from '@/api/generated/sdk.gen'
import type { DeliveryState, Webhook, WebhookDelivery } from '@/api/generated/types.gen'
import { itemsOf, pagesOptions } from '@/api/pages'
import { Empty } from '@/components/empty'
import { LoadMore } from '@/components/lists/load-more'
import { ProblemCard } from '@/components/problem-card'
import { told } from '@/components/told'
import { Badge, type Tone } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { SkeletonRows } from '@/components/ui/skeleton'
import { RelativeTime } from '@/components/values'
import { plural } from '@/lib/numbers'
import { toast } from '@/stores/toasts'

const looks: Record<DeliveryState, { word: string; tone: Tone; icon: ReactNode }> = {
  pending: { word: 'On its way', tone: 'wait', icon: <Clock aria-hidden /> },
  delivered: { word: 'Taken', tone: 'ok', icon: <CircleCheck aria-hidden /> },
  failed: { word: 'Not taken', tone: 'bad', icon: <CircleX aria-hidden /> },
}

/** What a webhook was sent, and what it said to that. */
export function Deliveries({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const path = { id: webhook.id }
  const query = useInfiniteQuery({
    ...pagesOptions(listWebhookDeliveriesQueryKey({ path, query: { limit: 30 } }), (cursor, signal) =>
      listWebhookDeliveries({ path, query: { limit: 30, cursor }, signal }),
    ),
    staleTime: 0,
    // Nothing tells of deliveries; what is under way is looked at again.
    refetchInterval: ({ state }) => (itemsOf(state.data)?.some((one) => one.state === 'pending') ? 3000 : false),
  })
  const again = useMutation({
    ...redeliverWebhookMutation(),
    onSuccess: () => void query.refetch(),
    onError: (error) => void toast(`It was not sent again: ${error.message}`, { kind: 'bad' }),
  })
  const items = itemsOf(query.data)
  return (
    <Dialog
      open
      onClose={onClose}
      title="Deliveries"
      description={<span className="break-all">{webhook.url}</span>}
      side="right"
    >
      <div className="-mx-4">
        {query.isLoadingError ? (
          <ProblemCard error={query.error} retry={() => void query.refetch()} />
        ) : !items ? (
          <SkeletonRows label="Loading deliveries" />
        ) : items.length === 0 ? (
          <Empty icon={<Inbox />} title="Nothing was sent yet">
            As soon as one of the tasks needs somebody or ends, it is shown here.
          </Empty>
        ) : (
          <ul className="divide-y divide-line border-y border-line">
            {items.map((delivery) => (
              <DeliveryRow
                key={delivery.id}
                delivery={delivery}
                busy={again.isPending && again.variables.path.delivery_id === delivery.id}
                onAgain={() => again.mutate({ path: { ...path, delivery_id: delivery.id } })}
              />
            ))}
          </ul>
        )}
        <LoadMore more={query.hasNextPage} busy={query.isFetchingNextPage} onMore={() => void query.fetchNextPage()} />
      </div>
    </Dialog>
  )
}

function DeliveryRow({ delivery, busy, onAgain }: { delivery: WebhookDelivery; busy: boolean; onAgain: () => void }) {
  const { word, tone, icon } = looks[delivery.state]
  return (
    <li className="grid grid-cols-[5.75rem_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 px-4 py-2.5 text-sm">
      <span>
        <Badge tone={tone} icon={icon}>
          {word}
        </Badge>
      </span>
      <span>
        <span className="font-medium">{told[delivery.kind].word}</span>
        <span className="block text-xs text-ink-3" title={delivery.id}>
          {plural(delivery.tries, 'try', 'tries')}
          {delivery.status !== undefined && ` · answered ${delivery.status}`} ·{' '}
          <RelativeTime at={delivery.tried_at ?? delivery.created_at} />
        </span>
      </span>
      <Button size="sm" busy={busy} why={delivery.state === 'pending' && 'It is still being sent'} onClick={onAgain}>
        Send again
      </Button>
      {delivery.error && delivery.state !== 'delivered' && (
        <p className="col-span-2 col-start-2 text-xs wrap-anywhere text-bad first-letter:uppercase">{delivery.error}</p>
      )}
    </li>
  )
}
