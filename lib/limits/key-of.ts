/** A part of a key; null is a part of its own, unlike '' and unlike any text. */
export type KeySegment = string | null

// Everything else may mean something to someone: `:` separates, `*`, `?`, `[` and `]` are Redis patterns, `{` and `}` its
// hash tags, `/`, `\` and NUL end a file's name. Dots alone are folders: `..` is the one above.
const special = /[^A-Za-z0-9_.-]|^\.+$/g

/**
 * Joins segments to one key that only these segments give, so that tenant `a` with topic `b:c` never meets tenant `a:b`
 * with topic `c`.
 */
export function keyOf (first: KeySegment, ...rest: readonly KeySegment[]): string {
  return [first, ...rest].map(encode).join(':')
}

// By UTF-16 unit: encodeURIComponent throws on lone surrogates and leaves `*` as it is.
function encode (segment: KeySegment): string {
  return segment === null ? '%' : segment.replace(special, (text) => [...text].map(encodeUnit).join(''))
}

function encodeUnit (unit: string): string {
  return `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
