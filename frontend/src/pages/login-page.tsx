import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { getEntranceOptions } from '@/api/generated/@tanstack/react-query.gen'
import { AuthFrame } from '@/components/auth-frame'
import { LoginForm } from '@/features/auth/login-form'
import { safeNext } from '@/lib/urls'

export default function LoginPage() {
  const navigate = useNavigate()
  const { next } = useSearch({ from: '/login' })
  const { data: settings } = useQuery(getEntranceOptions())
  return (
    <AuthFrame title="Sign in" lead={next ? 'Then you are taken to where you wanted to go.' : undefined}>
      <LoginForm onDone={() => void navigate({ href: safeNext(next), replace: true })} />
      {settings?.registration === 'open' && (
        <p className="mt-4 text-center text-sm text-ink-2">
          New here?{' '}
          <Link to="/register" className="text-link underline">
            Make an account
          </Link>
        </p>
      )}
    </AuthFrame>
  )
}
