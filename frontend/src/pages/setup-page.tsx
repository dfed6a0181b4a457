import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { AuthFrame } from '@/components/auth-frame'
import { SetupForm } from '@/features/auth/setup-form'

/** Behind the `#`, so that no server and no log on the way gets to see it. */
const codeInAddress = () => new URLSearchParams(location.hash.slice(1)).get('code') ?? undefined

export default function SetupPage() {
  const navigate = useNavigate()
  const [code] = useState(codeInAddress)
  return (
    <AuthFrame
      title="Welcome to CodeGraph"
      lead="The first account looks after this installation: people, models, budgets."
    >
      <SetupForm code={code} onDone={() => void navigate({ to: '/', replace: true })} />
    </AuthFrame>
  )
}
