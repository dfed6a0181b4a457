/** Shares of a whole, largest first. It is a list, so it needs no other form. */
export function RankedBars({
  rows,
  format,
}: {
  rows: { label: string; value: number; note?: string }[]
  format: (value: number) => string
}) {
  const most = Math.max(...rows.map((row) => row.value), 0)
  return (
    <ul className="flex flex-col gap-2 text-sm">
      {rows.map((row) => (
        <li key={row.label}>
          <div className="flex justify-between gap-2">
            <span className="truncate">{row.label}</span>
            <span className="nums shrink-0">
              {format(row.value)}
              {row.note && <span className="text-ink-3"> · {row.note}</span>}
            </span>
          </div>
          <div aria-hidden className="mt-0.5 h-1.5 rounded-full bg-sunken">
            <div
              className="h-full rounded-full bg-ink-3"
              style={{ width: most > 0 ? `${(row.value / most) * 100}%` : 0 }}
            />
          </div>
        </li>
      ))}
    </ul>
  )
}
