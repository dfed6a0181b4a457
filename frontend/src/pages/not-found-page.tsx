import { Link } from '@tanstack/react-router'
import { Compass } from 'lucide-react'
import { Empty } from '@/components/empty'
import { buttonVariants } from '@/components/ui/button'
import { useTitle } from '@/components/use-title'

export default function NotFoundPage() {
  useTitle('Not found')
  return (
    <main className="grid min-h-full flex-1 place-items-center">
      <Empty
        page
        icon={<Compass />}
        title="There is no such page"
        action={
          <Link to="/" className={buttonVariants({ look: 'primary' })}>
            Go home
          </Link>
        }
      >
        It may have been removed, or the address is wrong by a letter.
      </Empty>
    </main>
  )
}
