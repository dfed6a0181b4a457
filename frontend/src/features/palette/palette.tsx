import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { Folder, ListTodo, PlayCircle } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { type ReactNode, useEffect, useState } from 'react'
import { getRunOptions, searchOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Hit, HitKind, Status } from '@/api/generated/types.gen'
import type { ApiError } from '@/api/problem'
import { statuses } from '@/components/states'
import { Kbd } from '@/components/ui/kbd'
import { useReturnFocus } from '@/components/ui/return-focus'
import { closeOverlay } from '@/stores/overlays'
import { toast } from '@/stores/toasts'
import { useCommands } from './commands'

const icons: Record<HitKind, ReactNode> = {
  task: <ListTodo aria-hidden />,
  repository: <Folder aria-hidden />,
  run: <PlayCircle aria-hidden />,
}
/** What stands beside a hit; a run says how it stands, in the words used everywhere. */
const aside = ({ kind, subtitle }: Hit) =>
  kind === 'run' ? `Run · ${statuses[subtitle as Status]?.word ?? subtitle}` : subtitle

const item =
  'flex min-h-9 cursor-pointer items-center gap-2 rounded-md px-2 text-sm data-[selected=true]:bg-surface-2 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-ink-3'
const group =
  '[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-3'

/** Everything by its name: pages, commands, and what the server finds. */
export default function Palette() {
  const navigate = useNavigate()
  const cache = useQueryClient()
  const giveBack = useReturnFocus(true)
  const [typed, setTyped] = useState('')
  const [asked, setAsked] = useState('')
  // One question to the server for a pause in typing.
  useEffect(() => {
    const timer = setTimeout(() => setAsked(typed.trim()), 150)
    return () => clearTimeout(timer)
  }, [typed])
  const wanted = asked.length > 1
  const found = useQuery({
    ...searchOptions({ query: { q: asked, limit: 12 } }),
    enabled: wanted,
    placeholderData: keepPreviousData,
  })
  const hits = wanted ? (found.data?.items ?? []) : []
  const go = (run: () => void) => () => {
    closeOverlay()
    run()
  }
  const open = (hit: Hit) => {
    switch (hit.kind) {
      case 'task':
        return void navigate({ to: '/tasks/$taskId', params: { taskId: hit.id } })
      case 'repository':
        return void navigate({ to: '/repositories/$repositoryId', params: { repositoryId: hit.id } })
      case 'run':
        // A run is shown with its task, which only the run itself names.
        return void cache.fetchQuery(getRunOptions({ path: { id: hit.id } })).then(
          ({ id, task }) => navigate({ to: '/tasks/$taskId', params: { taskId: task.id }, search: { run: id } }),
          (error: ApiError) => toast(`The run could not be opened: ${error.message}`, { kind: 'bad' }),
        )
    }
  }
  const words = typed.trim().toLowerCase()
  const groups = useCommands()
    .map(({ heading, commands }) => ({
      heading,
      commands: commands.filter(({ label }) => label.toLowerCase().includes(words)),
    }))
    .filter(({ commands }) => commands.length > 0)
  return (
    <Dialog.Root open onOpenChange={(on) => !on && closeOverlay()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-ink/40 dark:bg-sunken/70" />
        <Dialog.Content
          aria-label="Search and commands"
          aria-describedby={undefined}
          onCloseAutoFocus={giveBack}
          className="fixed inset-x-0 top-0 z-40 mx-auto flex max-h-dvh w-full max-w-xl flex-col border border-line bg-surface shadow-float animate-in sm:top-[12dvh] sm:max-h-[70dvh] sm:rounded-lg focus-visible:outline-none"
        >
          <Dialog.Title className="sr-only">Search and commands</Dialog.Title>
          <Command label="Search and commands" shouldFilter={false} loop className="flex min-h-0 flex-col">
            <Command.Input
              value={typed}
              onValueChange={setTyped}
              placeholder="Search tasks, repositories and runs, or a command"
              className="h-12 w-full shrink-0 border-b border-line bg-transparent px-4 text-base focus-visible:outline-none"
            />
            <Command.List className="min-h-0 overflow-y-auto p-2">
              {found.error && (
                <p className="px-2 py-3 text-sm text-bad">The server could not be asked: {found.error.message}</p>
              )}
              {hits.length + groups.length === 0 && !found.isFetching && (
                <Command.Empty className="px-2 py-6 text-center text-sm text-ink-2">
                  Nothing is called that.
                </Command.Empty>
              )}
              {hits.length > 0 && (
                <Command.Group heading="Found" className={group}>
                  {hits.map((hit) => (
                    <Command.Item key={hit.id} value={hit.id} onSelect={go(() => open(hit))} className={item}>
                      {icons[hit.kind]}
                      <span className="truncate">{hit.title}</span>
                      <span className="ml-auto max-w-48 shrink-0 truncate text-xs text-ink-3">{aside(hit)}</span>
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
              {groups.map(({ heading, commands }) => (
                <Command.Group key={heading} heading={heading} className={group}>
                  {commands.map(({ label, keys, icon, run }) => (
                    <Command.Item key={label} value={`${heading} ${label}`} onSelect={go(run)} className={item}>
                      {icon}
                      {label}
                      {keys && <Kbd keys={keys} className="ml-auto text-ink-3" />}
                    </Command.Item>
                  ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
