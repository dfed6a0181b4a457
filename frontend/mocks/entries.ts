import type { AuditEntry } from '../src/api/generated/types.gen'
import { before, type Db } from './db'

/** What people have done in an installation some days old, the newest first. */
export function entries(db: Db): AuditEntry[] {
  const [task, repository] = [db.tasks[0], db.repositories.at(-1)]
  const done: [action: string, subject: string | undefined, detail: object][] = [
    ['user.signed_in', db.me.id, {}],
    ['repository.connected', repository?.id, { name: repository?.name, forge: 'github', visibility: 'team' }],
    ['task.created', task?.id, { title: task?.title, repository: repository?.id, started: true }],
    ['plan.decided', task?.id, { version: 1, decision: 'approve' }],
    [
      'repository.changed',
      repository?.id,
      { profile_changed: true, setup_command: 'pip install -e .[test]', network_hosts: ['pypi.org'] },
    ],
    ['token.created', db.tokens[0]?.id, { name: 'CI', scopes: ['read', 'write'], expires_at: before(-86_400 * 90) }],
    ['user.role_changed', db.users[1]?.id, { from: 'member', to: 'maintainer' }],
  ]
  return Array.from({ length: 42 }, (_, i) => {
    const [action, subject = '', detail] = done[i % done.length] ?? ['', '', {}]
    return {
      seq: 42 - i,
      at: before(i * 1700 + 60),
      actor_id: db.me.id,
      actor: db.me.email,
      action,
      subject,
      detail,
      hash: (i + 17).toString(16).padStart(64, '7'),
    }
  })
}
