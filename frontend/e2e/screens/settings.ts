import { dialog, fill, opens, type Place, pick, press, type Screen, there, words } from './kit'

const at = (tab: string, see: string): Place => ({ path: `/settings?tab=${tab}`, see })
const profile = at('profile', 'Single-key shortcuts')
const sessions = at('sessions', 'Firefox')
const tokens = at('tokens', 'cg_4fa1')
const members = at('members', 'alan@example.org')
const webhooks = at('webhooks', 'ci.example.org')

/** A button in the card of a webhook. */
const ofHook = (host: string, name: string) => (page: Parameters<typeof dialog>[0]) =>
  page.getByRole('listitem').filter({ hasText: host }).getByRole('button', { name }).click()
const newHook = (address: string) => [press('New webhook'), fill('Address', address), press('Add the webhook')]

export const settings: Screen[] = [
  { ...profile, name: 'settings-profile' },
  { ...sessions, name: 'settings-sessions' },
  { ...sessions, name: 'sessions-end', act: opens('End all others') },
  { ...tokens, name: 'settings-tokens' },
  { ...tokens, name: 'new-token', act: opens('New token') },
  { ...tokens, name: 'token-revoke', act: opens('Revoke CI') },
  {
    ...tokens,
    name: 'token-secret',
    act: [...opens('New token'), fill('Name', 'A program'), press('Make the token'), words('it is not shown again')],
  },
  { ...members, name: 'settings-members' },
  {
    name: 'settings-members-nobody',
    path: '/settings?tab=members&q=nobody&role=viewer',
    see: 'Nobody fits these filters',
  },
  { ...members, name: 'invite', act: opens('Invite somebody') },
  {
    ...members,
    name: 'member-role',
    act: [pick('Role of Grace Hopper', 'viewer'), there('button', 'Change')],
  },
  { ...members, name: 'member-leaves', act: opens('Deactivate Grace Hopper') },
  { ...at('notifications', 'Ends to look at'), name: 'settings-notifications' },
  { ...at('models', 'claude-opus-5-5'), name: 'settings-models' },
  { ...webhooks, name: 'settings-webhooks' },
  {
    ...webhooks,
    name: 'new-webhook',
    act: [...newHook('http://plain.example.org'), words('must begin with https://')],
  },
  { ...webhooks, name: 'webhook-secret', act: [...newHook('https://new.example.org/hook'), words('whsec_')] },
  {
    ...webhooks,
    name: 'webhook-edit',
    act: [
      ofHook('ci.example.org', 'Edit…'),
      dialog,
      fill('Address', 'http://plain.example.org'),
      press('Save'),
      words('Must begin with https://'),
    ],
  },
  {
    ...webhooks,
    name: 'webhook-deliveries',
    act: [ofHook('ci.example.org', 'Deliveries'), words('503 Service Unavailable')],
  },
  { ...webhooks, name: 'webhook-delete', act: [ofHook('chat.example.org', 'Delete'), dialog] },
  { ...at('about', '0.1.0'), name: 'settings-about', act: [words('migrated to')] },
]
