import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Columns3, FilterX, ListTodo, Plus, Rows3 } from 'lucide-react'
import { Suspense, useEffect } from 'react'
import { Empty } from '@/components/empty'
import { Listed } from '@/components/lists/listed'
import { PageHeader } from '@/components/page-header'
import { part, WhenHere } from '@/components/part'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { Segmented } from '@/components/ui/toggle'
import { FilterBar } from '@/features/tasks/filter-bar'
import { isFiltered, tasksQuery } from '@/features/tasks/queries'
import { TaskList } from '@/features/tasks/task-list'
import type { TasksSearch } from '@/lib/searches'

const NewTask = part(() => import('@/features/tasks/new-task'))
const Board = part(() => import('@/features/tasks/board'))

export default function TasksPage() {
  const me = useMe()
  const search = useSearch({ from: '/shell/tasks' })
  const navigate = useNavigate({ from: '/tasks' })
  const change = (next: TasksSearch) =>
    void navigate({ search: (before: TasksSearch) => ({ ...before, ...next }), replace: true })
  const board = search.view === 'board'
  useEffect(() => {
    if (board) void Board.ahead()
  }, [board])
  const query = useInfiniteQuery({ ...tasksQuery(search, me.id), placeholderData: keepPreviousData })
  const newTask = () => void navigate({ search: (before: TasksSearch) => ({ ...before, new: true }) })
  return (
    <>
      <PageHeader
        title="Tasks"
        actions={
          <>
            <Segmented
              label="View"
              value={search.view ?? 'list'}
              onChange={(view) => change({ view: view === 'board' ? 'board' : undefined })}
              options={[
                { value: 'list', label: 'List', icon: <Rows3 aria-hidden /> },
                { value: 'board', label: 'Board', icon: <Columns3 aria-hidden /> },
              ]}
            />
            <Button look="primary" keys="c" onClick={newTask}>
              <Plus /> New task
            </Button>
          </>
        }
      >
        <FilterBar search={search} onChange={change} />
      </PageHeader>
      <Listed
        query={query}
        of="tasks"
        empty={<NoTasks filtered={isFiltered(search)} onClear={() => void navigate({ search: {} })} onNew={newTask} />}
      >
        {(tasks, stale) =>
          board ? (
            // The list stays until the board has come.
            <WhenHere part={Board} fallback={<TaskList tasks={tasks} stale={stale} />}>
              <Board tasks={tasks} stale={stale} />
            </WhenHere>
          ) : (
            <TaskList tasks={tasks} stale={stale} />
          )
        }
      </Listed>
      <Suspense>{search.new && <NewTask onClose={() => change({ new: undefined })} />}</Suspense>
    </>
  )
}

function NoTasks({ filtered, onClear, onNew }: { filtered: boolean; onClear: () => void; onNew: () => void }) {
  if (filtered)
    return (
      <Empty
        icon={<FilterX />}
        title="No task fits these filters"
        action={<Button onClick={onClear}>Show all tasks</Button>}
      >
        The filters above hide all others.
      </Empty>
    )
  return (
    <Empty
      icon={<ListTodo />}
      title="No task yet"
      action={
        <Button look="primary" keys="c" onClick={onNew}>
          Ask for something
        </Button>
      }
    >
      A task is one thing to be done in one repository: mend a bug, add an endpoint, raise a dependency.
    </Empty>
  )
}
