const ORIGIN = /^(?:(?:https?:)?\/\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?\/|\/(?!\/))?/i
const FOLDERS = /^(?:(?!\.{1,2}\/)[\w.~@+-]+\/)+[\w.~@+-]*$/
const FILE = /^(?:(?!\.{1,2}(?:\/|$))[\w.~@+-]+\/)*(?!\.{1,2}$)[\w.~@+-]+$/

/**
 * What the literal beginning of an address pins: how many of its characters stand in front of the folder's last slash, or all
 * of them where the file itself is written out (`/app.js?v=`). Null where a value could choose the server or the folder.
 */
export function pinnedFolder (prefix: string): number | null {
  if (prefix.startsWith('#')) return prefix.length
  const path = prefix.replace(ORIGIN, '')
  const end = path.search(/[?#]/)
  if (end !== -1) return FILE.test(path.slice(0, end)) ? prefix.length : null
  return FOLDERS.test(path) ? prefix.lastIndexOf('/') : null
}

// Dots, escaped or not, slashes without a name between, backslashes and their escapes: browsers and servers read them in
// more ways than one, and some servers decode twice, take `..;` for `..`, and two bytes for a dot. What else a file is called is
// listed.
const INSIDE = /^(?:\/(?!\.{1,2}(?:\/|$))[\p{L}\p{N}_.~@+,=%-]+)+\/?$/u
const ENCODED = /%(?:2[ef5]|3b|5c|0|c[01]|(?![0-9a-f]{2}))/i

/** True where the whole address is still in the folder that its beginning pins. */
export function staysInFolder (prefix: string, address: string): boolean {
  const pinned = pinnedFolder(prefix)
  if (pinned === null || !address.startsWith(prefix)) return false
  if (pinned === prefix.length) return true
  const path = address.slice(pinned).split(/[?#]/, 1)[0] as string
  return INSIDE.test(path) && !ENCODED.test(path)
}
