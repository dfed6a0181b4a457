import { describe, expect, it } from 'vitest'
import { exact } from '@/lib/dates'
import { detailRows } from './detail-rows'

describe('the detail of an entry', () => {
  it('says what was changed, and what it was before', () => {
    expect(detailRows({ from: 'member', to: 'maintainer' })).toEqual([
      { label: 'Change', value: 'maintainer', before: 'member' },
    ])
    expect(detailRows({ before: { role: 'member', name: 'Ada' }, after: { role: 'admin', name: 'Ada' } })).toEqual([
      { label: 'Role', value: 'admin', before: 'member' },
      { label: 'Name', value: 'Ada' },
    ])
  })
  it('says values as people do, and leaves out what was not touched', () => {
    const at = '2026-01-02T12:00:00Z'
    expect(
      detailRows({
        default_branch: 'main',
        visibility: null,
        profile_changed: true,
        expires_at: at,
        network_hosts: ['a.org', 'b.org'],
        budget_usd_micros: 2_500_000,
      }),
    ).toEqual([
      { label: 'Default branch', value: 'main' },
      { label: 'Profile changed', value: 'yes' },
      { label: 'Expires at', value: exact(at) },
      { label: 'Network hosts', value: 'a.org, b.org' },
      { label: 'Budget', value: '$2.50' },
    ])
  })
  it('goes into what stands in something else', () => {
    expect(detailRows({ options: { mode: 'full' }, from: 'here' })).toEqual([
      { label: 'Options · mode', value: 'full' },
      { label: 'From', value: 'here' },
    ])
  })
  it('has no line where nothing is said', () => {
    expect([detailRows({}), detailRows(undefined), detailRows(null)]).toEqual([[], [], []])
    expect(detailRows('words')).toEqual([{ label: 'Detail', value: 'words' }])
  })
})
