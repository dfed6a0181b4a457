import { describe, expect, it } from 'vitest'
import type { ProfileDetail } from '@/api/generated/types.gen'
import { draftOf, updateOf, wrongIn } from './profile-draft'

const profile: ProfileDetail = {
  network_hosts: ['pypi.org', '*.example.com'],
  minutes: 90,
  limits: { coder: { turns: 200, usd_micros: 7_500_000 }, tester: { turns: 10 } },
  test_command: 'make test',
  discovered: { commit: '', guidance: [], languages: [], registries: [] },
}

describe('a profile', () => {
  it('is sent as it was read where nothing was typed: what is left out would be taken back', () => {
    expect(updateOf(draftOf(profile))).toEqual({
      instructions: null,
      setup_command: null,
      test_command: 'make test',
      network_hosts: ['pypi.org', '*.example.com'],
      minutes: 90,
      limits: { coder: { turns: 200, usd_micros: 7_500_000 }, tester: { turns: 10 } },
    })
  })
  it('has nothing set where all is empty', () => {
    const empty = draftOf({ network_hosts: [], discovered: profile.discovered })
    expect(new Set(Object.values(updateOf(empty)))).toEqual(new Set([null]))
  })
  it('takes hosts as people write lists', () => {
    expect(updateOf({ ...draftOf(profile), network_hosts: 'a.org, b.org\n\nc.org:8081 ' }).network_hosts).toEqual([
      'a.org',
      'b.org',
      'c.org:8081',
    ])
  })
  it('says at its field what is no number', () => {
    const draft = draftOf(profile)
    draft.minutes = '0'
    Object.assign(draft, { 'limits/coder/turns': 'many', 'limits/coder/usd_micros': '-1' })
    expect(Object.keys(wrongIn(draft))).toEqual(['minutes', 'limits/coder/turns', 'limits/coder/usd_micros'])
    expect(wrongIn(draftOf(profile))).toEqual({})
  })
})
