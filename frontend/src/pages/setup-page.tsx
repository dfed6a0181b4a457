import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { AuthFrame } from '@/components/auth-frame'
import { SetupForm } from '@/features/auth/setup-form'
import { secretIn } from '@/lib/urls'

export default function SetupPage() {
  const navigate = useNavigate()
  const [code] = useState(() => secretIn(location.hash, 'code'))
  return (
    <AuthFrame
      title="Welcome to CodeGraph"
      lead="The first account looks after this installation: people, models, budgets."
    >
      <SetupForm code={code} onDone={() => void navigate({ to: '/', replace: true })} />
    </AuthFrame>
  )
}
