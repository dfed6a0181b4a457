import { act, render, screen } from '@testing-library/react'
import { expect, it, vi } from 'vitest'
import { press } from '@/stores/keys'
import { useRows } from './use-rows'

const rows = [{ id: 'a' }, { id: 'b' }]

it('goes through rows by keys, from the first to the last, and opens one', () => {
  const open = vi.fn()
  function List() {
    const current = useRows(rows, open)
    return rows.map(({ id }) => (
      <p key={id} data-row={id} data-current={id === current}>
        <a href={`#${id}`}>{id}</a>
      </p>
    ))
  }
  render(<List />)
  const key = (name: string) => {
    const event = new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true })
    Object.defineProperty(event, 'target', { value: document.body })
    act(() => press(event))
  }
  const at = (name: string) => expect(screen.getByRole('link', { name })).toHaveFocus()
  key('j')
  at('a')
  key('j')
  key('j')
  at('b')
  key('k')
  at('a')
  key('o')
  expect(open).toHaveBeenCalledExactlyOnceWith('a')
})
