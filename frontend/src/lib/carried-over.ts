/** Somebody else has changed a thing while it was being edited: one's own words on top of theirs, and what both have
 *  changed. `was` is what one began with, and `is` what it says now. */
export function carriedOver<Words extends object>(
  was: Words,
  is: Words,
  words: Words,
): { words: Words; both: (keyof Words)[] } {
  const names = Object.keys(was) as (keyof Words)[]
  const mine = names.filter((name) => words[name] !== was[name])
  return {
    words: { ...is, ...Object.fromEntries(mine.map((name) => [name, words[name]])) },
    both: mine.filter((name) => is[name] !== was[name] && is[name] !== words[name]),
  }
}
