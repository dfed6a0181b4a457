/** A person, in two letters. They are drawn and not written: the name stands beside it or in the label. */
export function Avatar({ name }: { name: string }) {
  const letters = name
    .split(/[\s@._-]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => word[0]?.toUpperCase())
    .join('')
  return (
    <span
      aria-hidden
      data-letters={letters}
      className="inline-flex size-6 shrink-0 items-center justify-center rounded-full bg-idle-tint text-2xs font-semibold text-idle before:content-[attr(data-letters)]"
    />
  )
}
