/** Hands a file to the browser to be kept. */
export function saveAs(content: Blob, name: string): void {
  const url = URL.createObjectURL(content)
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  link.click()
  // Once the browser has taken it up.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
