import { useQuery } from '@tanstack/react-query'
import { readFileOptions } from '@/api/generated/@tanstack/react-query.gen'
import { RichText } from '@/components/rich-text'

interface ReadmeProps {
  repository: string
  at: string | undefined
  path: string
}

/** What a folder says about itself, below what is in it. */
export function Readme({ repository, at, path }: ReadmeProps) {
  const { data } = useQuery(readFileOptions({ path: { id: repository }, query: { path, ...(at ? { ref: at } : {}) } }))
  if (!data?.text) return null
  return (
    <section aria-label={path} className="px-4 py-6 lg:px-6">
      <RichText text={data.text} className="max-w-3xl" />
    </section>
  )
}
