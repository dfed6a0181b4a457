import { act, renderHook } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { Tagged } from '@/api/tagged'
import { useEditing } from './use-editing'

interface Thing {
  name: string
  host: string
  seen?: number
}
const read = (tag: string, data: Thing): Tagged<Thing> => ({ tag, data })
const first = read('1', { name: 'Ada', host: 'a.org' })
const begin = () =>
  renderHook(({ read }: { read: Tagged<Thing> }) => useEditing(read, ({ name, host }) => ({ name, host })), {
    initialProps: { read: first },
  })

describe('what is typed over a state that others may change', () => {
  it('follows them as long as nothing is typed', () => {
    const { result, rerender } = begin()
    rerender({ read: read('2', { name: 'Grace', host: 'a.org' }) })
    expect(result.current).toMatchObject({ words: { name: 'Grace' }, begun: { tag: '2' }, untouched: true })
  })
  it('is kept, and sent for the newer state, where what is edited is still the same', () => {
    const { result, rerender } = begin()
    act(() => result.current.change({ name: 'Mine' }))
    rerender({ read: read('2', { name: 'Ada', host: 'a.org', seen: 3 }) })
    expect(result.current).toMatchObject({ words: { name: 'Mine' }, begun: { tag: '2' }, untouched: false })
  })
  it('goes on naming the state that was seen, when that has become another', () => {
    const { result, rerender } = begin()
    act(() => result.current.change({ name: 'Mine' }))
    rerender({ read: read('2', { name: 'Grace', host: 'b.org' }) })
    expect(result.current).toMatchObject({ words: { name: 'Mine', host: 'a.org' }, begun: { tag: '1' } })
    act(() => result.current.catchUp(read('2', { name: 'Grace', host: 'b.org' })))
    expect(result.current).toMatchObject({
      words: { name: 'Mine', host: 'b.org' },
      begun: { tag: '2' },
      both: ['name'],
    })
  })
  it('is begun anew from what was saved, without what was typed meanwhile being lost', () => {
    const { result } = begin()
    act(() => result.current.change({ name: ' Grace ' }))
    const sent = result.current.words
    act(() => result.current.change({ host: 'b.org' }))
    act(() => result.current.saved(read('2', { name: 'Grace', host: 'a.org' }), sent))
    expect(result.current).toMatchObject({ words: { name: 'Grace', host: 'b.org' }, both: [], untouched: false })
    expect(result.current.begun.tag).toBe('2')
  })
})
