import { fireEvent, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/problem'
import { bind, press } from '@/stores/keys'
import { prefer } from '@/stores/preferences'
import { Confirm } from './confirm'
import PatchView from './diff/patch-view'
import Markdown from './markdown'
import { FormProblem, ProblemCard } from './problem-card'
import { Timeline } from './timeline'
import { Button } from './ui/button'
import { Dialog } from './ui/dialog'
import { Field } from './ui/field'
import { Segmented } from './ui/toggle'

describe('text from strangers', () => {
  it('runs nothing, fetches nothing and leads nowhere strange', () => {
    const text = [
      '<img src=x onerror="window.hit=1"><script>window.hit=1</script>',
      '[run](javascript:window.hit=1) ![pixel](https://evil.example/p.png) [docs](https://example.org)',
      '<a href="data:text/html,x">data</a>',
    ].join('\n\n')
    const { container } = render(<Markdown text={text} />)
    expect(container.querySelector('img, script')).toBeNull()
    expect([...container.querySelectorAll('a')].map((a) => a.getAttribute('href'))).toEqual(['https://example.org'])
    expect(container.querySelector('a')).toHaveAttribute('rel', expect.stringContaining('noopener'))
    expect((window as { hit?: number }).hit).toBeUndefined()
  })
})

describe('what went wrong', () => {
  const error = new ApiError(422, {
    type: 'about:blank',
    title: 'Unprocessable Entity',
    status: 422,
    request_id: 'req-7',
    errors: [
      { path: '/title', message: 'is too long' },
      { path: '/labels', message: 'are too many' },
    ],
  })
  it('is told with the id of the request', () => {
    render(<ProblemCard error={error} />)
    expect(screen.getByRole('alert')).toHaveTextContent('req-7')
  })
  it('stands at its field, and only the rest above the form', () => {
    render(<FormProblem error={error} shown={['title']} />)
    expect(error.field('title')).toBe('Is too long')
    expect(screen.getByRole('alert')).toHaveTextContent(/^labels: are too many$/)
  })
})

describe('a form that was refused', () => {
  it('leads to the first field that is wrong, whichever was last', async () => {
    const error = new ApiError(422, {
      type: 'about:blank',
      title: 'Unprocessable Entity',
      status: 422,
      errors: [{ path: '/test_command', message: 'has more than 500 characters' }],
    })
    const form = (failure: ApiError | null) => (
      <form>
        <Field label="Name">
          <input />
        </Field>
        <Field label="Tests" error={failure?.field('test_command')}>
          <input />
        </Field>
        <FormProblem error={failure} shown={['test_command']} />
        <button type="submit">Save</button>
      </form>
    )
    const { rerender } = render(form(null))
    screen.getByRole('button').focus()
    rerender(form(error))
    await waitFor(() => expect(screen.getByLabelText('Tests')).toHaveFocus())
    expect(screen.getByLabelText('Tests')).toHaveAccessibleDescription('Has more than 500 characters')
    expect(screen.queryByRole('alert')).toBeNull()
  })
})

describe('a button that cannot be pressed now', () => {
  it('stays reachable and does nothing', async () => {
    const pressed = vi.fn()
    render(
      <Button why="The run has ended" onClick={pressed}>
        Stop
      </Button>,
    )
    await userEvent.tab()
    expect(screen.getByRole('button', { name: 'Stop' })).toHaveFocus()
    await userEvent.keyboard('{Enter}')
    expect(pressed).not.toHaveBeenCalled()
    expect(screen.getByRole('button', { name: 'Stop' })).toHaveAccessibleDescription('The run has ended')
    await userEvent.keyboard('{Escape}')
    expect(screen.queryByRole('tooltip', { hidden: true })).toBeNull()
  })
})

describe('a word about a button', () => {
  it('keeps the button where it is when there is nothing more to say', async () => {
    const { rerender } = render(<Button why="Nothing was changed">Save</Button>)
    await userEvent.tab()
    const button = screen.getByRole('button', { name: 'Save' })
    expect(button).toHaveFocus()
    rerender(<Button>Save</Button>)
    expect(screen.queryByRole('tooltip', { hidden: true })).toBeNull()
    expect(button).toHaveFocus()
  })
  it('comes when the button is pressed as well: a finger does not rest on it', async () => {
    render(<Button why="The run has ended">Stop</Button>)
    await userEvent.pointer({ keys: '[TouchA]', target: screen.getByRole('button', { name: 'Stop' }) })
    expect(screen.getByRole('tooltip', { hidden: true })).toHaveTextContent('The run has ended')
    await userEvent.pointer({ keys: '[TouchA]', target: document.body })
    expect(screen.queryByRole('tooltip', { hidden: true })).toBeNull()
  })
})

describe('what cannot be taken back', () => {
  it('must be typed first', async () => {
    const done = vi.fn()
    render(
      <Confirm open onClose={() => {}} title="Delete it" action="Delete" danger typed="api" onConfirm={done}>
        Gone for good.
      </Confirm>,
    )
    await userEvent.click(screen.getByRole('button', { name: 'Delete' }))
    expect(done).not.toHaveBeenCalled()
    await userEvent.type(screen.getByRole('textbox'), 'api')
    await userEvent.click(screen.getByRole('button', { name: 'Delete' }))
    expect(done).toHaveBeenCalledTimes(1)
  })
})

describe('keys', () => {
  const key = (name: string, more: KeyboardEventInit = {}) => {
    const event = new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true, ...more })
    Object.defineProperty(event, 'target', { value: document.body })
    press(event)
  }
  it('mean something alone, in pairs and together, and nothing while they are switched off', () => {
    const heard: string[] = []
    const stop = bind(
      ['c', 'g t', 'mod+k'].map((keys) => ({ keys, label: keys, group: 'Everywhere', run: () => heard.push(keys) })),
    )
    key('c')
    key('g')
    key('t')
    key('k', { ctrlKey: true })
    expect(heard).toEqual(['c', 'g t', 'mod+k'])
    prefer({ shortcuts: false })
    key('c')
    key('k', { metaKey: true })
    expect(heard).toEqual(['c', 'g t', 'mod+k', 'mod+k'])
    prefer({ shortcuts: true })
    stop()
    key('c')
    expect(heard.length).toBe(4)
  })
  it('are left to whoever types', () => {
    const run = vi.fn()
    const stop = bind([{ keys: 'c', label: 'c', group: 'Everywhere', run }])
    document.addEventListener('keydown', press)
    render(<input aria-label="box" />)
    fireEvent.keyDown(screen.getByRole('textbox'), { key: 'c' })
    expect(run).not.toHaveBeenCalled()
    document.removeEventListener('keydown', press)
    stop()
  })
})

describe('the timeline', () => {
  it('draws every bar on one scale', () => {
    const bars = [
      {
        id: 'a',
        label: 'plan',
        detail: 'plan took 1 s',
        depth: 0 as const,
        tone: 'plan' as const,
        icon: null,
        from: 0,
        to: 1000,
      },
      { id: 'b', label: 'code', detail: 'code runs', depth: 0 as const, tone: 'run' as const, icon: null, from: 1000 },
    ]
    const select = vi.fn()
    const { container } = render(<Timeline bars={bars} now={4000} selected="a" onSelect={select} />)
    const widths = [...container.querySelectorAll<HTMLElement>('[style]')].map(({ style }) => style.width)
    expect(widths).toEqual(['25%', '75%'])
    fireEvent.click(screen.getByRole('button', { name: /plan took/ }))
    expect(select).toHaveBeenCalledWith(undefined)
  })
})

describe('a patch', () => {
  const patch =
    'diff --git a/src/a.rs b/src/a.rs\n--- a/src/a.rs\n+++ b/src/a.rs\n@@ -1,2 +1,2 @@\n fn main() {\n-    old();\n+    new();\n'
  it('offers a comment on the line that the arrows have reached, on the side it is on', async () => {
    const comment = vi.fn()
    render(
      <PatchView path="src/a.rs" patch={patch} view="unified" onComment={comment} widgets={{ 'new:2': <p>Why?</p> }} />,
    )
    expect(await screen.findByText('Why?')).toBeInTheDocument()
    screen.getByRole('button', { name: 'Comment on line 1' }).focus()
    await userEvent.keyboard('{ArrowDown}')
    const button = await screen.findByRole('button', { name: 'Comment on line 2 (before)' })
    await waitFor(() => expect(button).toHaveFocus())
    await userEvent.keyboard('{Enter}')
    await waitFor(() => expect(comment).toHaveBeenCalledWith({ side: 'old', line: 2 }))
  })
})

describe('a box over the page', () => {
  function Opener() {
    const [open, setOpen] = useState(false)
    return (
      <>
        <button type="button" onClick={() => setOpen(true)}>
          Open
        </button>
        {open && (
          <Dialog open onClose={() => setOpen(false)} title="Box">
            <input aria-label="First" autoFocus />
          </Dialog>
        )}
      </>
    )
  }

  it('gives the focus back to what opened it', async () => {
    render(<Opener />)
    await userEvent.click(screen.getByRole('button', { name: 'Open' }))
    await screen.findByRole('dialog')
    await userEvent.keyboard('{Escape}')
    await waitFor(() => expect(screen.getByRole('button', { name: 'Open' })).toHaveFocus())
  })
})

describe('two choices of the same label', () => {
  it('are two choices', async () => {
    function Pair() {
      const [values, setValues] = useState(['a', 'a'])
      return values.map((value, i) => (
        <Segmented
          key={i}
          label="View"
          value={value}
          options={[
            { value: 'a', label: 'A' },
            { value: 'b', label: 'B' },
          ]}
          onChange={(next) => setValues(values.map((one, j) => (i === j ? next : one)))}
        />
      ))
    }
    render(<Pair />)
    const names = screen.getAllByRole('radio').map((one) => (one as HTMLInputElement).name)
    expect(new Set(names).size).toBe(2)
  })
})
