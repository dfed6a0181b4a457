import { act, renderHook } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { useCalm } from './use-calm'

interface Card {
  id: string
  column: string
  text?: string
}
const card = (id: string, column = 'a', text?: string): Card => ({ id, column, ...(text ? { text } : {}) })

const calm = (items: Card[]) =>
  renderHook(({ items }) => useCalm(items, ({ column }) => column), { initialProps: { items } })
const idsOf = ({ result }: ReturnType<typeof calm>) => result.current.shown.map(({ id }) => id)

describe('rows under a pointer', () => {
  it('stay where they are, and say how many would move', () => {
    const hook = calm([card('1'), card('2')])
    act(() => hook.result.current.over(true))
    hook.rerender({ items: [card('3'), card('1', 'a', 'new words'), card('2')] })
    expect([idsOf(hook), hook.result.current.waiting]).toEqual([['1', '2'], 1])
    // What changed in its place is shown.
    expect(hook.result.current.shown[0]?.text).toBe('new words')
    act(() => hook.result.current.apply())
    expect([idsOf(hook), hook.result.current.waiting]).toEqual([['3', '1', '2'], 0])
  })

  it('stay in their column, too', () => {
    const hook = calm([card('1'), card('2')])
    act(() => hook.result.current.over(true))
    hook.rerender({ items: [card('1', 'b'), card('2')] })
    const { shown, standsIn, waiting } = hook.result.current
    expect([shown.map(standsIn), waiting]).toEqual([['a', 'a'], 1])
    act(() => hook.result.current.over(false))
    expect(hook.result.current.shown.map(hook.result.current.standsIn)).toEqual(['b', 'a'])
  })

  it('hold nothing back because one of them is gone', () => {
    const hook = calm([card('1'), card('2'), card('3')])
    act(() => hook.result.current.over(true))
    hook.rerender({ items: [card('2'), card('3')] })
    expect([idsOf(hook), hook.result.current.waiting]).toEqual([['2', '3'], 0])
    // One came at the end in the place of one that went: it was seen, and stays.
    hook.rerender({ items: [card('2'), card('4')] })
    hook.rerender({ items: [card('5'), card('2'), card('4')] })
    expect([idsOf(hook), hook.result.current.waiting]).toEqual([['2', '4'], 1])
    hook.rerender({ items: [card('2'), card('4')] })
    // Those that only change places are held, and counted.
    hook.rerender({ items: [card('4'), card('2')] })
    expect([idsOf(hook), hook.result.current.waiting]).toEqual([['2', '4'], 2])
  })

  it('move at once when nobody is over them, and grow at the end when somebody is', () => {
    const hook = calm([card('1')])
    hook.rerender({ items: [card('2'), card('1')] })
    expect(idsOf(hook)).toEqual(['2', '1'])
    act(() => hook.result.current.over(true))
    hook.rerender({ items: [card('2'), card('1'), card('0')] })
    expect([idsOf(hook), hook.result.current.waiting]).toEqual([['2', '1', '0'], 0])
  })
})
