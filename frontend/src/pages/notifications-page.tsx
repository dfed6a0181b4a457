import { useQuery } from '@tanstack/react-query'
import { listNotificationsOptions } from '@/api/generated/@tanstack/react-query.gen'
import { PageHeader } from '@/components/page-header'
import { NoticeList } from '@/features/notifications/notice-list'

export default function NotificationsPage() {
  const notices = useQuery(listNotificationsOptions())
  return (
    <>
      <PageHeader title="Notifications" />
      <NoticeList query={notices} />
    </>
  )
}
