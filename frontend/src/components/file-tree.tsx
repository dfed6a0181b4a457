import { ChevronRight, Folder } from 'lucide-react'
import { type ReactNode, useMemo, useState } from 'react'
import { cn } from '@/lib/cn'
import { type TreeNode, treeOf } from '@/lib/tree'

/** Files in their folders. `row` says what stands behind a file's name. */
export function FileTree<F extends { path: string }>({
  label,
  files,
  selected,
  onSelect,
  row,
}: {
  label: string
  files: F[]
  selected?: string | undefined
  onSelect: (path: string) => void
  row?: (file: F) => ReactNode
}) {
  const nodes = useMemo(() => treeOf(files), [files])
  return (
    <nav aria-label={label} className="text-sm">
      <ul>
        {nodes.map((node) => (
          <Branch key={node.path} node={node} selected={selected} onSelect={onSelect} row={row} depth={0} />
        ))}
      </ul>
    </nav>
  )
}

interface BranchProps<F> {
  node: TreeNode<F>
  selected: string | undefined
  onSelect: (path: string) => void
  row: ((file: F) => ReactNode) | undefined
  depth: number
}

function Branch<F extends { path: string }>({ node, selected, onSelect, row, depth }: BranchProps<F>) {
  const [open, setOpen] = useState(true)
  const pad = { paddingLeft: `${0.5 + depth * 0.75}rem` }
  const line = 'flex h-7 w-full items-center gap-1.5 rounded-sm pr-2 text-left hover:bg-surface-2'
  if (node.file) {
    const here = node.path === selected
    return (
      <li>
        <button
          type="button"
          style={pad}
          aria-current={here || undefined}
          className={cn(line, here && 'bg-surface-2 font-medium')}
          onClick={() => onSelect(node.path)}
        >
          <span className="truncate" title={node.path}>
            {node.name}
          </span>
          <span className="nums ml-auto flex shrink-0 items-center gap-1.5 text-xs">{row?.(node.file)}</span>
        </button>
      </li>
    )
  }
  return (
    <li>
      <button
        type="button"
        style={pad}
        className={cn(line, 'text-ink-2')}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <ChevronRight aria-hidden className={cn('size-3.5 shrink-0 transition-transform', open && 'rotate-90')} />
        <Folder aria-hidden className="size-3.5 shrink-0" />
        <span className="truncate">{node.name}</span>
      </button>
      {open && (
        <ul>
          {node.children.map((child) => (
            <Branch key={child.path} node={child} selected={selected} onSelect={onSelect} row={row} depth={depth + 1} />
          ))}
        </ul>
      )}
    </li>
  )
}
