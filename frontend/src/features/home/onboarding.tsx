import { Link, type LinkProps } from '@tanstack/react-router'
import { CircleCheck, CircleDashed } from 'lucide-react'
import type { Onboarding as State } from '@/api/generated/types.gen'
import { buttonVariants } from '@/components/ui/button'
import { cn } from '@/lib/cn'

const steps: { key: keyof State; title: string; text: string; link: LinkProps; action: string }[] = [
  {
    key: 'repository',
    title: 'Connect a repository',
    text: 'From GitHub, any git address, or the sample that comes along.',
    link: { to: '/repositories', search: { new: true } },
    action: 'Connect',
  },
  {
    key: 'model_key',
    title: 'Give it a model',
    text: 'The key of a vendor is given to the server, as a setting of its own; then agents can think.',
    link: { to: '/settings', search: { tab: 'models' } },
    action: 'Models',
  },
  {
    key: 'task',
    title: 'Ask for something',
    text: 'One thing to be done. You see the plan before any code is written.',
    link: { to: '/tasks', search: { new: true } },
    action: 'New task',
  },
  {
    key: 'invite',
    title: 'Invite somebody',
    text: 'Others can look, approve and ask as well.',
    link: { to: '/settings', search: { tab: 'members' } },
    action: 'Invite',
  },
]

/** What is left to do until the first task; gone when all is done. */
export function Onboarding({ done }: { done: State }) {
  if (steps.every(({ key }) => done[key])) return null
  const next = steps.find(({ key }) => !done[key])
  return (
    <section aria-label="First steps" className="rounded-lg border border-line bg-surface">
      <h2 className="px-4 pt-3 text-sm font-medium">First steps</h2>
      <ol className="divide-y divide-line">
        {steps.map(({ key, title, text, link, action }) => (
          <li key={key} className="flex items-center gap-3 px-4 py-3 [&>svg]:size-5 [&>svg]:shrink-0">
            {done[key] ? (
              <CircleCheck aria-label="Done" className="text-ok" />
            ) : (
              <CircleDashed aria-label="To do" className="text-ink-3" />
            )}
            <div className="min-w-0 flex-1">
              <p className={cn('text-sm', done[key] ? 'text-ink-3' : 'font-medium')}>{title}</p>
              {!done[key] && <p className="text-xs text-ink-2">{text}</p>}
            </div>
            {!done[key] && (
              <Link {...link} className={buttonVariants({ look: next?.key === key ? 'primary' : 'plain', size: 'sm' })}>
                {action}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}
