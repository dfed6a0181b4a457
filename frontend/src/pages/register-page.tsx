import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { getEntranceOptions } from '@/api/generated/@tanstack/react-query.gen'
import { AuthFrame } from '@/components/auth-frame'
import { RegisterForm } from '@/features/auth/register-form'

export default function RegisterPage() {
  const navigate = useNavigate()
  const { invitation } = useSearch({ from: '/register' })
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
