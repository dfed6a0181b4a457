import { useNavigate, useSearch } from '@tanstack/react-router'
import { PageHeader } from '@/components/page-header'
import { type Tab, Tabs } from '@/components/ui/tabs'
import { NoticeSettings } from '@/features/notifications/notice-settings'
import { About } from '@/features/settings/about'
import { Members } from '@/features/settings/members'
import { Models } from '@/features/settings/models'
import { Notifications } from '@/features/settings/notifications'
import { Profile } from '@/features/settings/profile'
import { Sessions } from '@/features/settings/sessions'
import { Tokens } from '@/features/settings/tokens'
import { Webhooks } from '@/features/settings/webhooks'
import type { settingsTabs } from '@/lib/searches'

type Name = (typeof settingsTabs)[number]

const tabs: Tab<Name>[] = [
  { value: 'profile', label: 'Profile' },
  { value: 'notifications', label: 'Notifications' },
  { value: 'sessions', label: 'Sessions' },
  { value: 'tokens', label: 'API tokens' },
  { value: 'members', label: 'Members' },
  { value: 'models', label: 'Models' },
  { value: 'webhooks', label: 'Webhooks' },
  { value: 'about', label: 'About' },
]
const parts: Record<Name, () => React.ReactNode> = {
  profile: Profile,
  notifications: () => (
    <>
      <Notifications />
      <NoticeSettings />
    </>
  ),
  sessions: Sessions,
  tokens: Tokens,
  members: Members,
  models: Models,
  webhooks: Webhooks,
  about: About,
}

export default function SettingsPage() {
  const { tab = 'profile' } = useSearch({ from: '/shell/settings' })
  const navigate = useNavigate({ from: '/settings' })
  const Part = parts[tab]
  return (
    <>
      <PageHeader title="Settings" />
      <Tabs
        label="Settings"
        value={tab}
        tabs={tabs}
        onChange={(next) => void navigate({ search: { tab: next }, replace: true })}
      >
        <div className="flex max-w-5xl flex-col gap-6 px-4 py-4 lg:px-6">
          <Part />
        </div>
      </Tabs>
    </>
  )
}
