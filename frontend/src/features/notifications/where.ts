import type { Notification, NotificationKind } from '@/api/generated/types.gen'

/** The part of a task's page that something is said about, where that is not the first one. */
const tabs: Partial<Record<NotificationKind, 'plan' | 'changes'>> = { plan: 'plan', delivery: 'changes' }

/** Where one finds what one is told about. */
export const placeOf = ({ task, run_id, kind }: Notification) => ({
  to: '/tasks/$taskId' as const,
  params: { taskId: task.id },
  search: { run: run_id, tab: tabs[kind] },
})
