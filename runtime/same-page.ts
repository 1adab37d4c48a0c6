/** The address a path leads to; null where it leaves this origin, could be read so, or is none: the server's rule too. */
export function samePage (path: string, base: string): string | null {
  // Browsers read a backslash as a slash and skip control characters, so "/\x" and "/<tab>/x" are other hosts. The server
  // sends its paths encoded: printable ASCII.
  if (!/^\/[!-[\]-~]*$/.test(path)) return null
  try {
    const url = new URL(path, base)
    // "/.//x" stays here, but its pathname alone is "//x".
    return url.origin === new URL(base).origin && !/^\/\//.test(url.pathname) ? url.href : null
  } catch {
    return null
  }
}
