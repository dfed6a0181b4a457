import type { Role } from '@/api/generated/types.gen'

/** What each role is there for. */
export const roles: Record<Role, string> = {
  viewer: 'Viewer: looks',
  member: 'Member: works',
  maintainer: 'Maintainer: sees all work',
  admin: 'Admin: looks after everything',
}
