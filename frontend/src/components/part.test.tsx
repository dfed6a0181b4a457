import { act, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { type ReactNode, Suspense } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ErrorBoundary } from './error-boundary'
import { part, persistently, WhenHere } from './part'

afterEach(() => vi.unstubAllGlobals())

describe('a part of the page that cannot be loaded', () => {
  it('is waited for while the server does not answer', async () => {
    const load = vi.fn().mockRejectedValueOnce(new TypeError('fetch')).mockRejectedValueOnce(new TypeError('fetch'))
    load.mockResolvedValue('it')
    const answers = vi.fn(async () => false)
    const wait = vi.fn(async () => {})
    expect(await persistently(load, answers, wait)()).toBe('it')
    expect(wait.mock.calls).toEqual([[500], [1000]])
  })

  it('is a failure when the server is there and the file is not', async () => {
    const load = vi.fn(async () => Promise.reject(new TypeError('gone')))
    const gone = persistently(load, async () => true)()
    await expect(gone).rejects.toThrow('gone')
    expect(load).toHaveBeenCalledTimes(2)
  })

  it('is asked for again when somebody says so', async () => {
    vi.stubGlobal('fetch', async () => new Response(null))
    vi.spyOn(console, 'error').mockImplementation(() => {})
    let there = false
    const Late = part(async () => {
      if (!there) throw new TypeError('gone')
      return { default: () => <p>Here it is</p> }
    })
    await act(async () =>
      render(
        <ErrorBoundary>
          <Suspense>
            <Late />
          </Suspense>
        </ErrorBoundary>,
      ),
    )
    there = true
    await userEvent.click(await screen.findByRole('button', { name: 'Try again' }))
    await screen.findByText('Here it is')
  })
})

describe('a part that comes with its page', () => {
  it('is shown as soon as it has come, and what went wrong is told', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    vi.stubGlobal('fetch', async () => new Response(null))
    const Good = part(async () => ({ default: () => <p>Here it is</p> }))
    const Bad = part<object>(async () => Promise.reject(new TypeError('gone')))
    const page = (Now: typeof Good) => (
      <ErrorBoundary>
        <WhenHere part={Now} fallback="Not yet">
          <Now />
        </WhenHere>
      </ErrorBoundary>
    )
    render(page(Good))
    expect(screen.getByText('Not yet')).toBeInTheDocument()
    await act(async () => {})
    expect(screen.getByText('Here it is')).toBeInTheDocument()
    render(page(Bad))
    await screen.findByRole('alert')
  })
})

describe('a part that is loaded ahead', () => {
  it('is drawn at once, with nothing in its place before', async () => {
    const load = vi.fn(async () => ({ default: () => <p>Here it is</p> }))
    const Ahead = part(load)
    await Ahead.ahead()
    render(
      <Suspense fallback="Not yet">
        <Ahead />
      </Suspense>,
    )
    expect(screen.queryByText('Not yet')).toBeNull()
    expect(screen.getByText('Here it is')).toBeInTheDocument()
    await Ahead.ahead()
    expect(load).toHaveBeenCalledTimes(1)
  })

  it('stays the same while it is on the screen, however it came', async () => {
    let arrive = () => {}
    const Late = part(
      () =>
        new Promise<{ default: () => ReactNode }>((done) => {
          arrive = () => done({ default: () => <input aria-label="Words" /> })
        }),
    )
    const page = () => (
      <Suspense>
        <Late />
      </Suspense>
    )
    const { rerender } = render(page())
    await act(async () => arrive())
    const box = await screen.findByLabelText('Words')
    await userEvent.type(box, 'typed')
    rerender(page())
    expect(screen.getByLabelText('Words')).toBe(box)
  })
})
