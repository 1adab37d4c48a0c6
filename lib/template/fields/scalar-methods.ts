const SCALARS: readonly object[] = [
  String.prototype, Number.prototype, Boolean.prototype, BigInt.prototype, Date.prototype, Uint8Array.prototype
]

/** Lists have these too, and they look into no element. */
const SHALLOW = new Set(['includes', 'indexOf', 'lastIndexOf', 'toLocaleString', 'toString', 'valueOf'])

/** True for a member of strings, numbers, dates and buffers. */
export function isScalarMember (name: string): boolean {
  return SCALARS.some((prototype) => name in prototype)
}

/** True for a method that gives no part of an object: `count.toFixed(2)`. Lists have `slice` as well, which gives elements. */
export function isScalarMethod (name: string): boolean {
  return SHALLOW.has(name) || (isScalarMember(name) && !(name in Array.prototype))
}
