import { type Act, fill, press, type Screen, words } from './kit'

const account: Act[] = [fill('E-mail', 'ada@example.org')]

/** Whoever is not signed in, and those who have nothing yet. */
export const outside: Screen[] = [
  { name: 'login', path: '/login?next=/tasks', see: 'Sign in' },
  {
    name: 'login-error',
    path: '/login',
    see: 'Sign in',
    act: [...account, fill('Password', 'wrong'), press('Sign in'), words('do not fit together')],
  },
  { name: 'register', path: '/register', see: 'Make an account' },
  { name: 'home-empty', path: '/', see: 'First steps', as: 'empty' },
  { name: 'tasks-empty', path: '/tasks', see: 'No task', as: 'empty' },
  { name: 'pull-requests-empty', path: '/pull-requests', see: 'Nothing was offered yet', as: 'empty' },
  { name: 'approvals-empty', path: '/approvals', see: 'Nothing waits', as: 'empty' },
  { name: 'notifications-empty', path: '/notifications', see: 'Nothing yet', as: 'empty' },
  { name: 'webhooks-empty', path: '/settings?tab=webhooks', see: 'No webhook yet', as: 'empty' },
  {
    name: 'setup',
    path: '/setup#code=WRONG',
    see: 'Set up',
    as: 'new',
    act: [
      fill('Name', 'Ada Lovelace'),
      ...account,
      fill('Password', 'correct horse battery staple'),
      press('Set up'),
      words('This is not the code'),
    ],
  },
]
