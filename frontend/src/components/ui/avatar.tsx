/** A person, in two letters. The name stands beside it or in the label. */
export function Avatar({ name, label }: { name: string; label?: string }) {
  const letters = name
    .split(/[\s@._-]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => word[0]?.toUpperCase())
    .join('')
  const base =
    'inline-flex size-6 shrink-0 items-center justify-center rounded-full bg-idle-tint text-2xs font-semibold text-idle'
  return label ? (
    <span role="img" aria-label={label} className={base}>
      {letters}
    </span>
  ) : (
    <span aria-hidden className={base}>
      {letters}
    </span>
  )
}
