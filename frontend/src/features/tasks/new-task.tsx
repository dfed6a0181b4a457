import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { FolderPlus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { createTaskMutation, listRepositoriesOptions } from '@/api/generated/@tanstack/react-query.gen'
import { whyNot } from '@/api/me'
import { Empty } from '@/components/empty'
import { FormProblem, ProblemCard } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { Button, buttonVariants } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Skeleton } from '@/components/ui/skeleton'
import { dropDraft } from '@/stores/drafts'
import { toast } from '@/stores/toasts'
import { advancedPlaces } from './advanced-fields'
import { NewTaskFields } from './new-task-fields'
import { bodyOf, type Wrong } from './task-body'
import { DRAFT, useTaskDraft } from './task-draft'

/** Where a refusal is shown at the field it names. */
const shownPlaces = [
  'title',
  'description',
  'repository_id',
  'base_branch',
  'budget_usd_micros',
  'depends_on',
  'options/mode',
  'options/deliver',
  'options/attempts',
  ...advancedPlaces,
]

/** Asking for work. What was typed is kept until it is sent. */
export default function NewTask({ onClose }: { onClose: () => void }) {
  const repositories = useQuery(listRepositoriesOptions({ query: { limit: 200 } }))
  const items = repositories.data?.items
  return (
    <Dialog open onClose={onClose} title="New task" wide>
      {repositories.isLoadingError ? (
        <ProblemCard error={repositories.error} retry={() => void repositories.refetch()} compact />
      ) : !items ? (
        <div className="flex flex-col gap-3">
          <Skeleton className="h-8" />
          <Skeleton className="h-32" />
          <Skeleton className="h-8" />
        </div>
      ) : items.length === 0 ? (
        <Empty
          icon={<FolderPlus />}
          title="Connect a repository first"
          action={
            <Link to="/repositories" search={{ new: true }} className={buttonVariants({ look: 'primary' })}>
              Connect a repository
            </Link>
          }
        >
          A task is done in a repository: agents work on a copy of it and deliver a branch.
        </Empty>
      ) : (
        <NewTaskForm
          first={(items.find(({ sync_error }) => !sync_error) ?? items[0])?.id ?? ''}
          repositories={items}
          onClose={onClose}
        />
      )}
    </Dialog>
  )
}

function NewTaskForm({
  first,
  repositories,
  onClose,
}: {
  first: string
  repositories: Parameters<typeof NewTaskFields>[0]['repositories']
  onClose: () => void
}) {
  const me = useMe()
  const navigate = useNavigate()
  const cache = useQueryClient()
  const [draft, setDraft] = useTaskDraft(first)
  const [wrong, setWrong] = useState<Wrong>({})
  const create = useMutation({
    ...createTaskMutation(),
    onSuccess: async (task) => {
      dropDraft(DRAFT)
      toast(draft.start ? 'The task has begun' : 'The task is kept; begin it when you like', { kind: 'ok' })
      void cache.invalidateQueries()
      await navigate({ to: '/tasks/$taskId', params: { taskId: task.id } })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (create.isPending) return
    const repository = repositories.find(({ id }) => id === draft.repository)
    const made = bodyOf(draft, repository !== undefined && repository.forge !== 'local')
    if ('wrong' in made) {
      setWrong(made.wrong)
      // Once it is drawn: the part that it is in may have been closed.
      const form = event.currentTarget
      requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid=true]')?.focus())
      return
    }
    setWrong({})
    create.mutate({ body: made.body })
  }
  return (
    <form
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) submit(event)
      }}
      className="flex flex-col gap-4"
    >
      <NewTaskFields
        draft={draft}
        onChange={(change) => setDraft({ ...draft, ...change })}
        repositories={repositories}
        fault={(place) => wrong[place] ?? create.error?.field(place)}
      />
      <FormProblem error={create.error} shown={shownPlaces} />
      <div className="sticky -bottom-4 z-10 -mx-4 -mb-4 flex sm:rounded-b-lg items-center justify-end gap-2 border-t border-line bg-surface px-4 py-3">
        <span className="mr-auto text-xs text-ink-3">What you type is kept until you send it.</span>
        <Button onClick={onClose}>Close</Button>
        <Button type="submit" look="primary" busy={create.isPending} why={whyNot(me, 'work')} keys="mod+enter">
          {draft.start ? 'Begin' : 'Keep for later'}
        </Button>
      </div>
    </form>
  )
}
