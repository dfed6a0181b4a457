/** What the part of an address behind `?` may say, page by page. What is not understood is dropped. */

import type { Status } from '@/api/generated/types.gen'
import { flagOf, listOf, oneOf, textOf } from './urls'

type Search = Record<string, unknown>

export interface TasksSearch {
  view?: 'board'
  status?: Status[]
  repository?: string
  q?: string
  archived?: true
  new?: true
}

export const tasks = (search: Search): TasksSearch => ({
  view: oneOf(search.view, 'board'),
  status: listOf<Status>(search.status),
  repository: textOf(search.repository),
  q: textOf(search.q),
  archived: flagOf(search.archived),
  new: flagOf(search.new),
})

export const taskTabs = ['activity', 'plan', 'changes', 'checks', 'attempts'] as const

export interface TaskSearch {
  tab?: (typeof taskTabs)[number]
  run?: string
  step?: string
  kind?: string[]
  errors?: true
  q?: string
  e?: number
  file?: string
}

export const task = (search: Search): TaskSearch => ({
  tab: oneOf(search.tab, ...taskTabs),
  run: textOf(search.run),
  step: textOf(search.step),
  kind: listOf(search.kind),
  errors: flagOf(search.errors),
  q: textOf(search.q),
  e: Number(search.e) || undefined,
  file: textOf(search.file),
})

export const approvals = (search: Search): { id?: string } => ({ id: textOf(search.id) })

export interface RunsSearch {
  status?: Status[]
  repository?: string
}

export const runs = (search: Search): RunsSearch => ({
  status: listOf<Status>(search.status),
  repository: textOf(search.repository),
})

export const repositories = (search: Search): { new?: true } => ({ new: flagOf(search.new) })

export const repositoryTabs = ['overview', 'settings'] as const

export const repository = (search: Search): { tab?: (typeof repositoryTabs)[number] } => ({
  tab: oneOf(search.tab, ...repositoryTabs),
})

export interface AuditSearch {
  action?: string
  subject?: string
}

export const audit = (search: Search): AuditSearch => ({
  action: textOf(search.action),
  subject: textOf(search.subject),
})

export const settingsTabs = ['profile', 'sessions', 'tokens', 'members', 'about'] as const

export const settings = (search: Search): { tab?: (typeof settingsTabs)[number] } => ({
  tab: oneOf(search.tab, ...settingsTabs),
})
