const longest = 2048
const here = 'http://origin.invalid'

// Browsers read `\` as `/` and drop tabs and line breaks: `/\evil.example` and `/<tab>/evil.example` leave the site.
// eslint-disable-next-line no-control-regex
const misread = /[\\\u0000-\u0020\u007f-\u009f\u2028\u2029]/

/**
 * The canonical form of a path on this origin, for `navigate()` and `patchUrl()`; null for what leads, or could be led,
 * anywhere else. Applications pass on what a query parameter says: an open redirect, or `javascript:`.
 */
export function navigationTarget (path: unknown): string | null {
  if (typeof path !== 'string' || path.length > longest) return null
  if (!path.startsWith('/') || misread.test(path) || !URL.canParse(path, here)) return null
  const url = new URL(path, here)
  // `/.//evil.example` is on this origin, and its pathname alone is `//evil.example`.
  if (url.origin !== here || url.pathname.startsWith('//')) return null
  return url.pathname + url.search + url.hash
}
