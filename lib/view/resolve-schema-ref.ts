import type { JsonSchema } from './schema-parts.ts'

/** Finds what `$ref` names within one schema: by pointer, by `$id` (TypeBox's Recursive and Ref), or under `$defs`. */
export function resolveSchemaRef (root: JsonSchema, missing: (ref: string) => never): (ref: string) => unknown {
  const ids = new Map<string, unknown>()
  // A set that grows while it is walked: schemas given as JavaScript objects may hold themselves.
  const visited = new Set<unknown>([root])
  for (const value of visited) {
    if (typeof value !== 'object' || value === null) continue
    const id = (value as JsonSchema)['$id']
    if (typeof id === 'string' && !ids.has(id)) ids.set(id, value)
    for (const below of Object.values(value)) visited.add(below)
  }

  return (ref) => {
    const hash = ref.indexOf('#')
    const id = hash === -1 ? ref : ref.slice(0, hash)
    const base = id === '' ? root : ids.get(id) ?? follow(root, ['$defs', id]) ?? follow(root, ['definitions', id])
    const found = hash === -1 ? base : follow(base, pointerOf(ref.slice(hash + 1)))
    return found ?? missing(ref)
  }
}

function pointerOf (pointer: string): string[] {
  return pointer.split('/').slice(1).map((segment) => decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~'))
}

function follow (from: unknown, path: readonly string[]): unknown {
  let value = from
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as JsonSchema)[name]
  }
  return value
}
