import { useQuery } from '@tanstack/react-query'
import { Navigate, useNavigate, useSearch } from '@tanstack/react-router'
import { getEntranceOptions } from '@/api/generated/@tanstack/react-query.gen'
import { AuthFrame } from '@/components/auth-frame'
import { SetupForm } from '@/features/auth/setup-form'

export default function SetupPage() {
  const navigate = useNavigate()
  const { code } = useSearch({ from: '/setup' })
  const { data: settings } = useQuery(getEntranceOptions())
  if (settings && !settings.needs_setup) return <Navigate to="/login" replace />
  return (
    <AuthFrame
      title="Welcome to CodeGraph"
      lead="The first account looks after this installation: people, models, budgets."
    >
      <SetupForm code={code} onDone={() => void navigate({ to: '/', replace: true })} />
    </AuthFrame>
  )
}
