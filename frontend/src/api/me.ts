import { queryOptions } from '@tanstack/react-query'
import { getMeOptions } from './generated/@tanstack/react-query.gen'
import type { Me, Role } from './generated/types.gen'

export type { Me, Role }

/** Who is signed in. It changes rarely, and whoever changes it says so. */
export const meQuery = () => queryOptions({ ...getMeOptions(), staleTime: 5 * 60_000 })

/** What a page asks for; the server decides, and has told beforehand. */
export type Permission = 'read' | 'work' | 'audit' | 'people' | 'operate'

const words: Record<Permission, string> = {
  read: 'read',
  work: 'begin and change work',
  audit: 'read the audit log',
  people: 'look after people',
  operate: 'look after the installation',
}

export const may = (me: Me, permission: Permission): boolean => me.permissions.includes(permission)

/** Why not, in words for a button; nothing when it may be done. */
export const whyNot = (me: Me, permission: Permission): string | false =>
  !may(me, permission) && `Your role (${me.role}) may not ${words[permission]}`
