// Elements that show what a URL brings, or style with it: in none of them is it run, nor gone to.
const SHOWING = /^(?:img|image|source|audio|video|link)$/

/** True for a URL that is code where it stands. The browser's own parser decides: it skips tabs, newlines, control characters. */
export function isCodeUrl (tag: string, name: string, value: string): boolean {
  // Most links lead to paths; a scheme has a colon.
  if (!value.includes(':')) return false
  let scheme: string
  try {
    scheme = new URL(value, 'http://x').protocol
  } catch {
    // Leads nowhere, but not every place in a browser asks the same parser.
    return !/^https?:/i.test(value)
  }
  return /^(?:java|vb)script:$/.test(scheme) || (scheme === 'data:' && !(SHOWING.test(tag) && /^(?:src|(?:xlink:)?href)$/i.test(name)))
}
