/** Which place of a form a refusal speaks of: the only code that reads the `path` of an error. */

export interface FieldError {
  path: string
  message: string
}

/** A place in one spelling, whichever way the server names it: `/options/mode`, `#/title`, `$.title`, `cursor`. */
export const placeOf = (path: string): string =>
  path
    .replace(/^[#$./]+/, '')
    .replace(/\[(\d+)\]/g, '/$1')
    .replaceAll('.', '/')

/** Whether an error is about a field, or about something inside of it: `kinds/3` belongs to `kinds`. */
const about = ({ path }: FieldError, name: string): boolean => {
  const place = placeOf(path)
  return place === name || place.startsWith(`${name}/`)
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** What stands at a field: everything that is wrong with it, each thing once. */
export function atField(errors: readonly FieldError[], name: string): string | undefined {
  const told = new Set(errors.filter((error) => about(error, name)).map(({ message }) => message))
  return told.size > 0 ? sentence([...told].join('; ')) : undefined
}

/** What stands at none of these fields, and so above the form: with the name of its place, as nothing else shows it. */
export const besideFields = (
  errors: readonly FieldError[],
  names: readonly string[],
  words: Readonly<Record<string, string>> = {},
): string[] =>
  errors
    .filter((error) => !names.some((name) => about(error, name)))
    .map(({ path, message }) => {
      const place = placeOf(path)
      return place ? `${words[place] ?? place}: ${message}` : sentence(message)
    })
