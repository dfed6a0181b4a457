import '@/styles/index.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { isGone } from './api/reach'
import { App } from './app'
import { sharePerson } from './stores/person'
import { applyPreferences } from './stores/preferences'

applyPreferences()
sharePerson()

// After a deploy, a page that was open asks for files that are gone: load the new page, once. A server that does not
// answer has no page to load, and whoever waits for the file goes on waiting.
window.addEventListener('vite:preloadError', ({ payload }) => {
  const key = 'codegraph.reloaded'
  const file = /(https?:\/\/\S+|\/assets\/\S+)/.exec(payload.message)?.[0]
  if (!file || Date.now() - Number(sessionStorage.getItem(key)) < 10_000) return
  void isGone(file).then((gone) => {
    if (!gone) return
    sessionStorage.setItem(key, String(Date.now()))
    location.reload()
  })
})

const root = document.getElementById('root')
if (!root) throw new Error('the page has no place for the dashboard')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
