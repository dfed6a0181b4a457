;(() => {
  try {
    const kept = JSON.parse(localStorage.getItem('codegraph.preferences') || '{}').state || {}
    const dark = kept.theme === 'dark' || (kept.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
    document.documentElement.dataset.theme = dark ? 'dark' : 'light'
    document.documentElement.dataset.density = kept.density === 'compact' ? 'compact' : 'regular'
  } catch {
    document.documentElement.dataset.theme = 'light'
  }
})()
