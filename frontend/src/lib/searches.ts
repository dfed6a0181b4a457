/** What the part of an address behind `?` may say, page by page. What is not understood is dropped. */

import type {
  EventType,
  MetricsBucketLength,
  MetricsBy,
  PullRequestState,
  Role,
  Status,
  TaskSort,
} from '@/api/generated/types.gen'
import { flagOf, listOf, oneOf, textOf } from './urls'

type Search = Record<string, unknown>

export interface TasksSearch {
  view?: 'board'
  status?: Status[]
  repository?: string
  q?: string
  /** Only what one has asked for oneself. */
  mine?: true | undefined
  /** Only what this person has asked for. */
  by?: string | undefined
  archived?: true
  /** In which order; the newest first when nothing is said. */
  sort?: TaskSort | undefined
  new?: true
}

export const tasks = (search: Search): TasksSearch => ({
  view: oneOf(search.view, 'board'),
  status: listOf<Status>(search.status),
  repository: textOf(search.repository),
  q: textOf(search.q),
  mine: flagOf(search.mine),
  by: textOf(search.by),
  archived: flagOf(search.archived),
  sort: oneOf(search.sort, 'created', '-updated', 'updated'),
  new: flagOf(search.new),
})

export const taskTabs = ['activity', 'plan', 'changes', 'checks', 'attempts'] as const

/** Kinds of events that can be asked for alone; a new one does not compile until it stands here. */
const kinds: Record<EventType, true> = {
  message: true,
  model_call: true,
  tool_call: true,
  step: true,
  decision: true,
  status: true,
  other: true,
}
const eventKinds = Object.keys(kinds) as EventType[]

export interface TaskSearch {
  tab?: (typeof taskTabs)[number]
  run?: string
  step?: string
  kind?: EventType[]
  errors?: true
  q?: string
  /** Only the uses of this tool. */
  tool?: string | undefined
  e?: number
  file?: string | undefined
  /** A line of that file as it is now. */
  line?: number | undefined
  /** An agent whose conversation is looked at. */
  agent?: string | undefined
  /** A run that the one that is open is compared with. */
  with?: string | undefined
}

export const task = (search: Search): TaskSearch => ({
  tab: oneOf(search.tab, ...taskTabs),
  run: textOf(search.run),
  step: textOf(search.step),
  kind: listOf(search.kind, eventKinds),
  errors: flagOf(search.errors),
  q: textOf(search.q),
  tool: textOf(search.tool),
  e: Number(search.e) || undefined,
  file: textOf(search.file),
  line: Number(search.line) || undefined,
  agent: textOf(search.agent),
  with: textOf(search.with),
})

export const approvals = (search: Search): { id?: string } => ({ id: textOf(search.id) })

export interface RunsSearch {
  status?: Status[] | undefined
  repository?: string | undefined
}

export const runs = (search: Search): RunsSearch => ({
  status: listOf<Status>(search.status),
  repository: textOf(search.repository),
})

export interface PullRequestsSearch {
  state?: PullRequestState | undefined
  repository?: string | undefined
}

export const pullRequests = (search: Search): PullRequestsSearch => ({
  state: oneOf(search.state, 'open', 'merged', 'closed'),
  repository: textOf(search.repository),
})

export interface RepositoriesSearch {
  /** In their names and addresses. */
  q?: string | undefined
  new?: true | undefined
}

export const repositories = (search: Search): RepositoriesSearch => ({ q: textOf(search.q), new: flagOf(search.new) })

export const repositoryTabs = ['overview', 'code', 'map', 'search', 'settings'] as const

export interface RepositorySearch {
  tab?: (typeof repositoryTabs)[number] | undefined
  /** What is looked for in its files. */
  q?: string | undefined
  /** A file, or a folder with a slash at its end; or below what one looks. */
  path?: string | undefined
  /** A line of that file. */
  line?: number | undefined
  /** A branch, a tag or a commit; the main branch when nothing is said. */
  ref?: string | undefined
}

export const repository = (search: Search): RepositorySearch => {
  const [q, path] = [textOf(search.q), textOf(search.path)]
  const tab = oneOf(search.tab, ...repositoryTabs)
  return {
    // What one looks for stood in the place of the files once; and who names a file means to see it.
    tab: tab === 'code' && q ? 'search' : (tab ?? (path ? 'code' : undefined)),
    q,
    path,
    line: Number(search.line) || undefined,
    ref: textOf(search.ref),
  }
}

export interface AuditSearch {
  /** The id of who did it. */
  actor?: string | undefined
  action?: string | undefined
  subject?: string | undefined
  /** Days, the first and the last: `2026-01-31`. */
  from?: string | undefined
  until?: string | undefined
  /** The entry that is open. */
  e?: number | undefined
}

const dayOf = (value: unknown) => (/^\d{4}-\d\d-\d\d$/.test(String(value)) ? String(value) : undefined)

export const audit = (search: Search): AuditSearch => ({
  actor: textOf(search.actor),
  action: textOf(search.action),
  subject: textOf(search.subject),
  from: dayOf(search.from),
  until: dayOf(search.until),
  e: Number(search.e) || undefined,
})

export const insightRanges = ['24h', '7d', '30d', '90d', '1y'] as const
export const insightGroupings = ['model', 'role', 'repository', 'user', 'status'] as const satisfies MetricsBy[]

export interface InsightsSearch {
  range?: (typeof insightRanges)[number] | undefined
  bucket?: MetricsBucketLength | undefined
  zone?: string | undefined
  repository?: string | undefined
  by?: MetricsBy | undefined
}

export const insights = (search: Search): InsightsSearch => ({
  range: oneOf(search.range, ...insightRanges),
  bucket: oneOf(search.bucket, 'hour', 'day', 'week'),
  zone: textOf(search.zone),
  repository: textOf(search.repository),
  by: oneOf(search.by, ...insightGroupings),
})

export const notifications = (search: Search): { unread?: true } => ({ unread: flagOf(search.unread) })

export const settingsTabs = [
  'profile',
  'notifications',
  'sessions',
  'tokens',
  'members',
  'models',
  'webhooks',
  'about',
] as const

export interface SettingsSearch {
  tab?: (typeof settingsTabs)[number] | undefined
  /** Which members are shown: by name, by role, and whether they may come in. */
  q?: string | undefined
  role?: Role | undefined
  active?: 'yes' | 'no' | undefined
}

export const settings = (search: Search): SettingsSearch => ({
  tab: oneOf(search.tab, ...settingsTabs),
  q: textOf(search.q),
  role: oneOf(search.role, 'viewer', 'member', 'maintainer', 'admin'),
  active: oneOf(search.active, 'yes', 'no'),
})
