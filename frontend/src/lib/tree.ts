/** A folder or a file. Folders that hold nothing but one folder are one line. */
export interface TreeNode<F> {
  name: string
  path: string
  file?: F
  children: TreeNode<F>[]
}

/** Files as a tree: folders first, then by name. */
export function treeOf<F extends { path: string }>(files: readonly F[]): TreeNode<F>[] {
  const root: TreeNode<F> = { name: '', path: '', children: [] }
  for (const file of files) {
    let at = root
    const parts = file.path.split('/')
    parts.forEach((name, i) => {
      const path = parts.slice(0, i + 1).join('/')
      if (i === parts.length - 1) {
        at.children.push({ name, path, file, children: [] })
        return
      }
      let folder = at.children.find((child) => child.name === name && !child.file)
      if (!folder) {
        folder = { name, path, children: [] }
        at.children.push(folder)
      }
      at = folder
    })
  }
  return tidy(root).children
}

function tidy<F>(node: TreeNode<F>): TreeNode<F> {
  const children = node.children.map(tidy)
  children.sort((a, b) => Number(Boolean(a.file)) - Number(Boolean(b.file)) || a.name.localeCompare(b.name))
  const [only] = children
  if (node.path !== '' && children.length === 1 && only && !only.file)
    return { ...only, name: `${node.name}/${only.name}` }
  return { ...node, children }
}
