import type { ProfileDetail, ProfileUpdate, RoleLimits } from '@/api/generated/types.gen'
import { toMicros } from '@/lib/numbers'

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

/** A profile as it is typed. */
export interface ProfileDraft {
  test_command: string
  setup_command: string
  instructions: string
  /** One a line. */
  network_hosts: string
  minutes: string
  limits: Record<LimitedRole, { turns: string; dollars: string }>
}

const perRole = <T>(of: (role: LimitedRole) => T) =>
  Object.fromEntries(limitedRoles.map((role) => [role, of(role)])) as Record<LimitedRole, T>

export const draftOf = (profile: ProfileDetail): ProfileDraft => ({
  test_command: profile.test_command ?? '',
  setup_command: profile.setup_command ?? '',
  instructions: profile.instructions ?? '',
  network_hosts: profile.network_hosts.join('\n'),
  minutes: String(profile.minutes ?? ''),
  limits: perRole((role) => {
    const { turns, usd_micros } = profile.limits?.[role] ?? {}
    return { turns: String(turns ?? ''), dollars: usd_micros === undefined ? '' : String(usd_micros / 1e6) }
  }),
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
export function wrongIn({ minutes, limits }: ProfileDraft): Record<string, string> {
  const wrong: Record<string, string> = {}
  if (minutes.trim() && whole(minutes, MOST_MINUTES) === undefined) wrong.minutes = 'From 1 minute to a week (10,080)'
  for (const role of limitedRoles) {
    const { turns, dollars } = limits[role]
    if (turns.trim() && whole(turns, MOST_TURNS) === undefined) wrong[`limits/${role}/turns`] = 'From 1 to 1,000'
    if (dollars.trim() && !toMicros(dollars)) wrong[`limits/${role}/usd_micros`] = 'A sum like 2.50'
  }
  return wrong
}

/** All of it, as it is sent: what is left out would be taken back. */
export function updateOf(draft: ProfileDraft): ProfileUpdate {
  const said = (text: string) => (text.trim() === '' ? null : text.trim())
  const hosts = hostsOf(draft.network_hosts)
  const limits: RoleLimits = {}
  for (const role of limitedRoles) {
    const [turns, usd_micros] = [whole(draft.limits[role].turns, MOST_TURNS), toMicros(draft.limits[role].dollars)]
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
