import { act, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { expect, it } from 'vitest'
import { press } from '@/stores/keys'
import { Calm } from './calm'
import { useRows } from './use-rows'

const named = (ids: string) => ids.split('').map((id) => ({ id }))
const list = (ids: string) => (
  <Calm items={named(ids)}>
    {(shown) => (
      <ul>
        {shown.map(({ id }) => (
          <li key={id}>{id}</li>
        ))}
      </ul>
    )}
  </Calm>
)
const rows = () =>
  screen
    .getAllByRole('listitem')
    .map((row) => row.textContent)
    .join('')

it('holds rows still under the pointer, and says what waits', () => {
  const { rerender, container } = render(list('abc'))
  fireEvent.pointerEnter(container.firstElementChild as Element)
  rerender(list('cab'))
  expect(rows()).toBe('abc')
  fireEvent.click(screen.getByRole('button', { name: '3 updates' }))
  expect(rows()).toBe('cab')
  rerender(list('abc'))
  expect(rows()).toBe('cab')
  fireEvent.pointerLeave(container.firstElementChild as Element)
  rerender(list('abc'))
  expect(rows()).toBe('abc')
})

it('is gone through by keys, from the first row to the last', async () => {
  function List() {
    const current = useRows(named('ab'))
    return named('ab').map(({ id }) => (
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
  key('j')
  expect(screen.getByRole('link', { name: 'a' })).toHaveFocus()
  key('j')
  key('j')
  expect(screen.getByRole('link', { name: 'b' })).toHaveFocus()
  key('k')
  expect(screen.getByRole('link', { name: 'a' })).toHaveFocus()
  key('o')
  await waitFor(() => expect(location.hash).toBe('#a'))
})
