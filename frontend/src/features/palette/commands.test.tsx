import { expect, it, vi } from 'vitest'
import type { Binding } from '@/stores/keys'
import { ofPage } from './commands'

it('offers what keys do on the page, in the meaning that counts', () => {
  const [old, newer, fetch] = [vi.fn(), vi.fn(), vi.fn()]
  const bindings: Binding[] = [
    { keys: 'a', label: 'Approve the old', group: 'This page', run: old },
    { keys: 'f', label: 'Fetch now', group: 'This page', run: fetch },
    { keys: 'g t', label: 'Go to Tasks', group: 'Everywhere', run: old },
    { keys: 'a', label: 'Approve', group: 'This page', run: newer },
  ]
  const commands = ofPage(bindings)
  expect(commands.map(({ label }) => label)).toEqual(['Fetch now', 'Approve'])
  for (const { run } of commands) run()
  expect([old, newer, fetch].map((one) => one.mock.calls.length)).toEqual([0, 1, 1])
})
