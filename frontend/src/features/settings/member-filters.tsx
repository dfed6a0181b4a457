import { useNavigate, useSearch } from '@tanstack/react-router'
import type { Role } from '@/api/generated/types.gen'
import { Filters, OneOf } from '@/components/lists/filters'
import { TextFilter } from '@/components/lists/text-filter'
import type { SettingsSearch } from '@/lib/searches'

const roles: readonly (readonly [Role, string])[] = [
  ['admin', 'Admins'],
  ['maintainer', 'Maintainers'],
  ['member', 'Members'],
  ['viewer', 'Viewers'],
]
const standings = [
  ['yes', 'Who may come in'],
  ['no', 'Who has left'],
] as const

/** Which members are shown; all of it stands in the address. */
export function useMemberFilter() {
  const { q, role, active } = useSearch({ from: '/shell/settings' })
  const navigate = useNavigate({ from: '/settings' })
  const change = (next: SettingsSearch) =>
    void navigate({ search: (before: SettingsSearch) => ({ ...before, ...next }), replace: true })
  return {
    filter: {
      ...(q ? { q } : {}),
      ...(role ? { role } : {}),
      ...(active ? { active: active === 'yes' } : {}),
    },
    filtered: Boolean(q || role || active),
    clear: () => change({ q: undefined, role: undefined, active: undefined }),
    controls: (
      <Filters>
        <TextFilter
          label="Search members"
          text={q ?? ''}
          onText={(text) => change({ q: text || undefined })}
          slash="Search this list"
        />
        <OneOf
          label="Role"
          all="All roles"
          className="w-36"
          options={roles}
          value={role}
          onChange={(role) => change({ role })}
        />
        <OneOf
          label="Standing"
          all="Everybody"
          className="w-40"
          options={standings}
          value={active}
          onChange={(active) => change({ active })}
        />
      </Filters>
    ),
  }
}
