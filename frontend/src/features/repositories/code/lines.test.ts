import { expect, it } from 'vitest'
import { blocksOf, linesOf } from './lines'

it('counts lines as everybody does', () => {
  expect(linesOf('a\nb\n')).toEqual(['a', 'b'])
  expect(linesOf('a\r\n\r\nb')).toEqual(['a', '', 'b'])
  expect(linesOf('')).toEqual([''])
  expect(linesOf('\n\n')).toEqual(['', ''])
})

it('puts lines into blocks that go on where the one before ended', () => {
  const blocks = blocksOf(linesOf('x\n'.repeat(250)))
  expect(blocks.map(({ first, lines }) => [first, lines.length])).toEqual([
    [1, 100],
    [101, 100],
    [201, 50],
  ])
})
