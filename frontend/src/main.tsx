import '@/styles/index.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app'
import { applyPreferences } from './stores/preferences'

applyPreferences()

// After a deploy, a page that was open asks for files that are gone: load the new page, once.
window.addEventListener('vite:preloadError', (event) => {
  const key = 'codegraph.reloaded'
  if (Date.now() - Number(sessionStorage.getItem(key)) < 10_000) return
  sessionStorage.setItem(key, String(Date.now()))
  event.preventDefault()
  location.reload()
})

const root = document.getElementById('root')
if (!root) throw new Error('the page has no place for the dashboard')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
