import { useQuery } from '@tanstack/react-query'
import { Navigate, useLocation, useNavigate } from '@tanstack/react-router'
import { getEntranceOptions } from '@/api/generated/@tanstack/react-query.gen'
import { AuthFrame } from '@/components/auth-frame'
import { SetupForm } from '@/features/auth/setup-form'

export default function SetupPage() {
  const navigate = useNavigate()
  // Behind the `#`, so that no server and no log on the way gets to see it.
  const code = new URLSearchParams(useLocation().hash).get('code') ?? undefined
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
