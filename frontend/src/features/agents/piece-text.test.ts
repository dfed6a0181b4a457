import { expect, it } from 'vitest'
import { textOf } from './piece-text'

it('are the words of a piece, however deep they stand', () => {
  expect(textOf('as it is')).toBe('as it is')
  expect(textOf({ type: 'text', text: 'said' })).toBe('said')
  expect(textOf({ type: 'tool_result', content: '1 failed' })).toBe('1 failed')
  const blocks = [
    { type: 'text', text: 'one' },
    { type: 'text', text: 'two' },
  ]
  expect(textOf({ type: 'tool_result', content: blocks })).toBe('one\ntwo')
})
it('are none where something else would be left out', () => {
  expect(textOf({ type: 'tool_use', name: 'grep', input: { pattern: 'x' } })).toBeUndefined()
  expect(textOf({ type: 'tool_result', content: [{ type: 'text', text: 'a' }, { type: 'image' }] })).toBeUndefined()
  expect(textOf(null)).toBeUndefined()
})
