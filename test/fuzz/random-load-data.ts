import type { Random } from './random.ts'

export type Row = Record<string, unknown>

/** What the loaders' store holds. */
export type Store = Record<string, any>

/** The names of the loaders, and of what kind each is. */
export const LOADERS = { u: 'row', v: 'row', w: 'row', items: 'rows', list: 'rows', map: 'map' } as const

const row = {
  type: 'object',
  properties: {
    ...Object.fromEntries(['f1', 'f2', 'f3', 'f4', 'n', 'on'].map((name) => [name, {}])),
    tags: { type: 'array', items: {} },
    next: { $ref: '#/$defs/row' },
    kids: { type: 'array', items: { $ref: '#/$defs/row' } },
  },
}

export const SCHEMAS: Readonly<Record<'row' | 'rows' | 'map', object>> = {
  row: { $ref: '#/$defs/row', $defs: { row } },
  rows: { type: 'array', items: { $ref: '#/$defs/row' }, $defs: { row } },
  map: { type: 'object', additionalProperties: { $ref: '#/$defs/row' }, $defs: { row } },
}

export function randomScalar (random: Random): unknown {
  return random.pick<unknown>([0, 1, 2, 3, 'p', 'q', '', true, false, null, 'next', 'k1', 'text'])
}

export function randomRow (random: Random, depth = 0): Row {
  const made: Row = { secret: 'secret' }
  for (const name of ['f1', 'f2', 'f3', 'f4', 'n', 'on']) if (random.chance(0.95)) made[name] = randomScalar(random)
  made['tags'] = Array.from({ length: random.below(3) }, () => randomScalar(random))
  if (depth < 3 && random.chance(0.6)) made['next'] = randomRow(random, depth + 1)
  made['kids'] = depth < 2 ? Array.from({ length: random.below(3) }, () => randomRow(random, 3)) : []
  return made
}

export function randomRows (random: Random): Row[] {
  return Array.from({ length: random.below(4) }, () => randomRow(random, 1))
}

export function randomLoaded (random: Random, kind: 'row' | 'rows' | 'map'): unknown {
  if (kind === 'rows') return randomRows(random)
  return kind === 'row' ? randomRow(random) : { k1: randomRow(random, 2), k2: randomRow(random, 2) }
}

export function randomStore (random: Random): Store {
  return Object.fromEntries(Object.entries(LOADERS).map(([name, kind]) => [name, randomLoaded(random, kind)]))
}

export function randomState (random: Random): Record<string, unknown> {
  return { s: randomScalar(random), r: randomScalar(random), q: randomScalar(random), key: random.pick(['next', 'f1', 'k1']), cols: randomRows(random) }
}

/**
 * What a careful loader selects, by nothing but the columns and paths that it is asked for; written apart from what the view does
 * with the result. A list of rows and an object of rows are cut row by row.
 */
export function selectColumns (fields: { readonly columns: readonly string[], readonly paths: readonly string[], readonly whole: boolean }, kind: 'row' | 'rows' | 'map', data: any): unknown {
  if (fields.whole) return structuredClone(data)
  if (kind !== 'map') return pick(data, fields.paths)
  return Object.fromEntries(Object.entries(data).map(([key, value]) => {
    const own = fields.paths.filter((path) => path.startsWith(`${key}.`)).map((path) => path.slice(key.length + 1))
    return [key, fields.paths.includes(key) ? structuredClone(value) : pick(value, [...own, ...fields.paths])]
  }))
}

function pick (value: any, paths: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => pick(item, paths))
  if (typeof value !== 'object' || value === null) return value
  const kept: Row = {}
  for (const name of Object.keys(value)) {
    if (paths.includes(name)) {
      kept[name] = structuredClone(value[name])
      continue
    }
    const below = paths.filter((path) => path.startsWith(`${name}.`)).map((path) => path.slice(name.length + 1))
    if (below.length > 0) kept[name] = pick(value[name], below)
  }
  return kept
}
