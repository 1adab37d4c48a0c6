type Version = readonly [major: number, minor: number, patch: number]

/** A version, or what a range begins with; null for anything but `1.2.3`, `^1.2.3` and `~1.2.3`. */
export function parseVersion (text: string): { readonly kind: '' | '^' | '~', readonly version: Version } | null {
  const parts = /^([~^]?)(\d+)\.(\d+)\.(\d+)(?:[-+][\w.+-]+)?$/.exec(text)
  if (parts === null) return null
  const [, kind, ...numbers] = parts
  return { kind: kind as '' | '^' | '~', version: numbers.map(Number) as unknown as Version }
}

/** False for what is no plain version or range as well. */
export function isAtLeast (text: string, floor: string): boolean {
  const [a, b] = [parseVersion(text)?.version, parseVersion(floor)?.version]
  return a !== undefined && b !== undefined && compare(a, b) >= 0
}

/** Whether npm would take this version for this range. */
export function isWithin (text: string, range: string): boolean {
  const [version, { kind, version: from } = { kind: '', version: null }] = [parseVersion(text)?.version, parseVersion(range) ?? undefined]
  if (version === undefined || from === null || compare(version, from) < 0) return false
  // The first number that is not 0 stays as it is.
  const same = kind === '' ? 3 : kind === '~' ? 2 : Math.min(from.findIndex((part) => part > 0) + 1 || 3, 3)
  return from.slice(0, same).every((part, i) => part === version[i])
}

function compare (a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}
