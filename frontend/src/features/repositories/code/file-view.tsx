import { useQuery } from '@tanstack/react-query'
import { FileX2 } from 'lucide-react'
import { useMemo } from 'react'
import { readFileOptions } from '@/api/generated/@tanstack/react-query.gen'
import { Empty } from '@/components/empty'
import { ProblemCard } from '@/components/problem-card'
import { SkeletonRows } from '@/components/ui/skeleton'
import { linesOf } from './lines'
import { SourceLines } from './source-lines'

interface FileViewProps {
  repository: string
  at: string | undefined
  path: string
  line: number | undefined
  onLine: (line: number) => void
}

/** A file, line by line. */
export function FileView({ repository, at, path, line, onLine }: FileViewProps) {
  const file = useQuery(readFileOptions({ path: { id: repository }, query: { path, ...(at ? { ref: at } : {}) } }))
  const text = file.data?.text
  const lines = useMemo(() => (text === undefined ? undefined : linesOf(text)), [text])
  if (file.isLoadingError)
    return (
      <div className="p-4">
        <ProblemCard error={file.error} retry={() => void file.refetch()} compact />
      </div>
    )
  if (!file.data) return <SkeletonRows label="Loading the file" />
  if (text === undefined || !lines)
    return (
      <Empty icon={<FileX2 />} title="This file is not shown">
        It is no text, or larger than a megabyte.
      </Empty>
    )
  if (text === '') return <Empty icon={<FileX2 />} title="The file is empty" />
  return <SourceLines path={path} at={at} text={text} lines={lines} line={line} onLine={onLine} />
}
