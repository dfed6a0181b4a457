const browsers: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]
const systems: [RegExp, string][] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
]
const found = (list: [RegExp, string][], text: string) => list.find(([pattern]) => pattern.test(text))?.[1]

/** A browser's long name, as people say it. */
export function browserOf(userAgent: string | undefined): string {
  if (!userAgent) return 'Unknown client'
  const browser = found(browsers, userAgent)
  const system = found(systems, userAgent)
  return browser ? (system ? `${browser} on ${system}` : browser) : userAgent.slice(0, 60)
}
