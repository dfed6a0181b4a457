import { describe, expect, it } from 'vitest'
import { type Note, settle } from './notes'

const insert = (lineNumber: number, content: string) => ({
  type: 'insert' as const,
  isInsert: true as const,
  lineNumber,
  content,
})
const remove = (lineNumber: number, content: string) => ({
  type: 'delete' as const,
  isDelete: true as const,
  lineNumber,
  content,
})
const note = (line: number, code: string, side: 'old' | 'new' = 'new'): Note => ({
  key: code,
  side,
  line,
  code,
  node: code,
})

describe('what was said about a line', () => {
  const changes = [remove(3, 'raise'), insert(3, '# Why.'), insert(4, 'if a > b:'), insert(9, 'if a > b:')]

  it('moves with it', () => {
    const { found, lost } = settle([note(8, '  if a > b:'), note(3, 'raise', 'old')], changes)
    expect([...found.keys()]).toEqual([changes[3], changes[0]])
    expect(lost).toEqual([])
  })

  it('is kept when the line is gone, and is not put on the other side', () => {
    const gone = [note(4, 'if a == b:'), note(3, 'raise')]
    expect(settle(gone, changes)).toEqual({ found: new Map(), lost: gone })
  })

  it('of several lines stands at the last', () => {
    expect([...settle([note(4, '# Why.\nif a > b:')], changes).found.keys()]).toEqual([changes[2]])
  })
})
