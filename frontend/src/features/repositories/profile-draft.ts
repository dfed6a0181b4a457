import type { ProfileDetail, ProfileUpdate, RoleLimits } from '@/api/generated/types.gen'
import { dollars, toMicros } from '@/lib/numbers'

export type LimitedRole = keyof RoleLimits

/** What a conversation of each role may use where nobody says anything; a new role does not compile until it stands here. */
export const usual: Record<LimitedRole, { word: string; turns: number; dollars: string }> = {
  planner: { word: 'Planner', turns: 25, dollars: '0.75' },
  coder: { word: 'Coder', turns: 120, dollars: '5' },
  tester: { word: 'Tester', turns: 30, dollars: '1' },
  reviewer: { word: 'Reviewer', turns: 40, dollars: '1.50' },
}
export const limitedRoles = Object.keys(usual) as LimitedRole[]
/** Minutes that a run may take where nobody says anything. */
export const USUAL_MINUTES = 60

type LimitName = `limits/${LimitedRole}/${'turns' | 'usd_micros'}`
/** Fields by the place that a refusal names. Hosts stand one a line, sums are dollars. */
export type ProfileField = 'test_command' | 'setup_command' | 'instructions' | 'network_hosts' | 'minutes' | LimitName

/** The fields of what a conversation of a role may use: its turns, and its sum. */
export const limitNames = (role: LimitedRole) => [`limits/${role}/turns`, `limits/${role}/usd_micros`] as const

/** A profile as it is typed. */
export type ProfileDraft = Record<ProfileField, string>

const limitsOf = (limits: RoleLimits = {}) =>
  Object.fromEntries(
    limitedRoles.flatMap((role) => {
      const { turns, usd_micros } = limits[role] ?? {}
      const [turnsName, sumName] = limitNames(role)
      return [
        [turnsName, String(turns ?? '')],
        [sumName, usd_micros === undefined ? '' : dollars(usd_micros)],
      ]
    }),
  ) as Record<LimitName, string>

export const draftOf = (profile: ProfileDetail): ProfileDraft => ({
  test_command: profile.test_command ?? '',
  setup_command: profile.setup_command ?? '',
  instructions: profile.instructions ?? '',
  network_hosts: profile.network_hosts.join('\n'),
  minutes: String(profile.minutes ?? ''),
  ...limitsOf(profile.limits),
})

export const hostsOf = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean)

/** A whole number between these two; nothing when it is none. */
function whole(text: string, most: number): number | undefined {
  const n = Number(text)
  return /^\d+$/.test(text.trim()) && n >= 1 && n <= most ? n : undefined
}
const MOST_MINUTES = 10_080
const MOST_TURNS = 1000

/** What is wrong with what was typed, by the name of its field. */
export function wrongIn(draft: ProfileDraft): Partial<Record<ProfileField, string>> {
  const wrong: Partial<Record<ProfileField, string>> = {}
  const { minutes } = draft
  if (minutes.trim() && whole(minutes, MOST_MINUTES) === undefined) wrong.minutes = 'From 1 minute to a week (10,080)'
  for (const role of limitedRoles) {
    const [turns, sum] = limitNames(role)
    if (draft[turns].trim() && whole(draft[turns], MOST_TURNS) === undefined) wrong[turns] = 'From 1 to 1,000'
    if (draft[sum].trim() && !toMicros(draft[sum])) wrong[sum] = 'A sum like 2.50'
  }
  return wrong
}

/** All of it, as it is sent: what is left out would be taken back. */
export function updateOf(draft: ProfileDraft): ProfileUpdate {
  const said = (text: string) => (text.trim() === '' ? null : text.trim())
  const hosts = hostsOf(draft.network_hosts)
  const limits: RoleLimits = {}
  for (const role of limitedRoles) {
    const [turnsName, sumName] = limitNames(role)
    const turns = whole(draft[turnsName], MOST_TURNS)
    const usd_micros = toMicros(draft[sumName])
    if (turns !== undefined || usd_micros !== undefined) limits[role] = { turns, usd_micros }
  }
  return {
    instructions: said(draft.instructions),
    setup_command: said(draft.setup_command),
    test_command: said(draft.test_command),
    network_hosts: hosts.length > 0 ? hosts : null,
    minutes: whole(draft.minutes, MOST_MINUTES) ?? null,
    limits: Object.keys(limits).length > 0 ? limits : null,
  }
}
