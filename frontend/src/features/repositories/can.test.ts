import { expect, it } from 'vitest'
import type { Me } from '@/api/me'
import { whyNotChange } from './can'

const me = (role: Me['role'], id = 'user_1') =>
  ({ id, role, permissions: role === 'viewer' ? [] : ['work'] }) as unknown as Me
const repository = { owner: { id: 'user_1', name: 'Ada' } }

it('is for its owner and for those who look after all work', () => {
  expect(whyNotChange(me('member'), repository)).toBe(false)
  expect(whyNotChange(me('maintainer', 'user_2'), repository)).toBe(false)
  expect(whyNotChange(me('member', 'user_2'), repository)).toBe('Only Ada and maintainers may change it')
  expect(whyNotChange(me('viewer'), repository)).toContain('Your role (viewer)')
})
