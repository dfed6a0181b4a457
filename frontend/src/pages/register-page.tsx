import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { getEntranceOptions } from '@/api/generated/@tanstack/react-query.gen'
import { AuthFrame } from '@/components/auth-frame'
import { RegisterForm } from '@/features/auth/register-form'
import { secretIn } from '@/lib/urls'

export default function RegisterPage() {
  const navigate = useNavigate()
  const [invitation] = useState(() => secretIn(location.hash, 'invitation'))
  const { data: settings } = useQuery(getEntranceOptions())
  const closed = !invitation && settings && !settings.needs_setup && settings.registration !== 'open'
  return (
    <AuthFrame title="Make an account" lead={invitation ? 'You were invited to this installation.' : undefined}>
      {closed ? (
        <p className="text-sm text-ink-2">
          This installation takes new people by invitation only. Ask whoever runs it for a link.
        </p>
      ) : (
        <RegisterForm invitation={invitation} onDone={() => void navigate({ to: '/', replace: true })} />
      )}
      <p className="mt-4 text-center text-sm text-ink-2">
        Here before?{' '}
        <Link to="/login" className="text-link underline">
          Sign in
        </Link>
      </p>
    </AuthFrame>
  )
}
