import { act, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { Suspense } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ErrorBoundary } from './error-boundary'
import { part, persistently } from './part'

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
