import type { Repository, Role } from '@/api/generated/types.gen'
import { type Me, whyNot } from '@/api/me'

/** Who looks after the work of all. */
const overseers: readonly Role[] = ['maintainer', 'admin']

/** Why somebody may not change a repository, in words for a button; nothing when they may. */
export const whyNotChange = (me: Me, { owner }: Pick<Repository, 'owner'>): string | false =>
  whyNot(me, 'work') ||
  (owner.id !== me.id && !overseers.includes(me.role) && `Only ${owner.name} and maintainers may change it`)
