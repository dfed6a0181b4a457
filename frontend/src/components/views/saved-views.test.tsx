import { QueryClientProvider } from '@tanstack/react-query'
import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { beforeEach, describe, expect, it } from 'vitest'
import { client } from '@/api/generated/client.gen'
import { createView, listViews } from '@/api/generated/sdk.gen'
import { toApiError } from '@/api/problem'
import { newQueryClient } from '@/api/query-client'
import { type RunsSearch, runs } from '@/lib/searches'
import { OLD_VIEWS } from '@/stores/person'
import { newBackend } from '../../../mocks/backend'
import { SavedViews } from './saved-views'
import { takeOver } from './take-over'

let backend: ReturnType<typeof newBackend>
let answers = true
client.setConfig({
  baseUrl: location.origin,
  fetch: async (input, init) => {
    if (!answers) throw new TypeError('fetch failed')
    return backend.answer(new Request(input, init))
  },
})
client.interceptors.error.use((error, response) => toApiError(error, response as Response | undefined))
beforeEach(() => {
  backend = newBackend()
  answers = true
  localStorage.clear()
})
const saved = async () =>
  (await listViews({ query: { page: 'tasks' } })).data.items.map(({ name, query }) => `${name}: ${query}`)

describe('views that a browser kept', () => {
  const keep = (...names: string[]) => {
    const views = names.map((name) => ({ name, search: '?status=failed' }))
    localStorage.setItem(OLD_VIEWS, JSON.stringify({ state: { views }, version: 0 }))
  }

  it('are handed over once, and one of a name that there is stays as it is on the server', async () => {
    await createView({ body: { page: 'tasks', name: 'Broken', query: 'status=failed&q=import' } })
    keep('Broken', 'Failed ones')
    expect(await takeOver()).toBe(true)
    expect(await saved()).toEqual(['Broken: status=failed&q=import', 'Failed ones: status=failed'])
    expect(localStorage.getItem(OLD_VIEWS)).toBeNull()
    expect(await takeOver()).toBe(false)
  })

  it('are kept while the server is away', async () => {
    keep('Failed ones')
    answers = false
    expect(await takeOver()).toBe(false)
    answers = true
    expect(await takeOver()).toBe(true)
    expect(await saved()).toEqual(['Failed ones: status=failed'])
  })

  it('that nobody can read are forgotten', async () => {
    localStorage.setItem(OLD_VIEWS, '{"state":')
    expect(await takeOver()).toBe(false)
    expect(localStorage.getItem(OLD_VIEWS)).toBeNull()
  })
})

describe('views', () => {
  function Page({ from }: { from: RunsSearch }) {
    const [search, setSearch] = useState(from)
    return (
      <>
        <output>{JSON.stringify(search)}</output>
        <SavedViews page="runs" filters={search} read={runs} onChoose={setSearch} />
      </>
    )
  }
  const show = (from: RunsSearch) =>
    render(
      <QueryClientProvider client={newQueryClient()}>
        <Page from={from} />
      </QueryClientProvider>,
    )

  it('are saved, chosen, replaced, renamed and forgotten', async () => {
    const user = userEvent.setup()
    const all = () => backend.db().views.map(({ name, query }) => `${name}: ${query}`)
    const save = async () => {
      await user.click(await screen.findByRole('button', { name: 'Save view' }))
      await user.type(await screen.findByLabelText('Name'), 'Went wrong')
      await user.click(screen.getByRole('button', { name: 'Save' }))
    }
    const { unmount } = show({ status: ['failed'] })
    await save()
    const chip = await screen.findByRole('button', { name: 'Went wrong', pressed: true })
    expect(all()).toEqual(['Went wrong: status=failed'])
    await user.click(screen.getByRole('button', { name: 'Clear' }))
    expect(screen.getByRole('status')).toHaveTextContent('{}')
    await user.click(chip)
    expect(screen.getByRole('status')).toHaveTextContent('{"status":["failed"]}')
    unmount()

    show({ status: ['failed', 'canceled'] })
    await screen.findByRole('button', { name: 'Went wrong', pressed: false })
    await save()
    await waitFor(() => expect(all()).toEqual(['Went wrong: status=failed&status=canceled']))
    await user.click(await screen.findByRole('button', { name: 'Rename view' }))
    const box = await screen.findByLabelText('Name')
    expect(screen.getByRole('button', { name: 'Save' })).toHaveAttribute('aria-disabled')
    await user.clear(box)
    await user.type(box, 'Came to nothing')
    await user.click(screen.getByRole('button', { name: 'Save' }))
    await screen.findByRole('button', { name: 'Came to nothing', pressed: true })
    expect(all()).toEqual(['Came to nothing: status=failed&status=canceled'])
    await user.click(await screen.findByRole('button', { name: 'Forget view' }))
    await waitFor(() => expect(all()).toEqual([]))
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Came to nothing' })).toBeNull())
  })
})
