import { nearestName } from '../template/nearest-name.ts'
import { checkOptions } from './check-options.ts'
import type { Fail } from './check-options.ts'
import type { LoaderDefinition } from './loader-definition.ts'
import { readLoaderSchema } from './loader-schema.ts'
import type { LoaderSchema } from './loader-schema.ts'
import { reservedName } from './reserved-name.ts'
import { show } from './show-value.ts'

const KEYS = ['schema', 'load', 'eager', 'deferred', 'fallback', 'guard']
const GUARD_KEYS = ['columns', 'check']

/** A loader of a view's definition, a function or an object with options, as the engine runs it. */
export function normalizeLoader (name: string, given: unknown, fail: Fail): LoaderDefinition {
  if (!/^[A-Za-z]\w*$/.test(name)) fail(`loader '${name}' cannot be named in a template`, 'Use letters, digits and _')
  const reserved = reservedName(name)
  if (reserved !== null) fail(`loader '${name}' cannot be read: '${name}' ${reserved}`, 'Give it another name')
  const what = `loader '${name}'`
  if (typeof given === 'function') return freezeLoader({ name, load: given as LoaderDefinition['load'] })
  if (typeof given !== 'object' || given === null) fail(`${what} is ${show(given)}`, 'Give a function, or an object with a load function')
  const options = given as Readonly<Record<string, unknown>>
  checkOptions(options, KEYS, what, fail)
  const { load, eager, deferred, fallback } = options
  if (typeof load !== 'function') fail(`${what} has load ${show(load)}`, 'Give a function')
  for (const [key, value] of [['eager', eager], ['deferred', deferred]] as const) {
    if (value !== undefined && typeof value !== 'boolean') fail(`${what} has ${key} ${show(value)}`, 'Allowed: true or false')
  }
  if (eager === true && deferred === true) {
    fail(`${what} is eager and deferred`, 'An eager loader runs before anything is shown, a deferred one after: leave one out')
  }
  if (fallback !== undefined && (typeof fallback !== 'string' || fallback === '')) {
    fail(`${what} has fallback ${show(fallback)}`, "Give a template's name: 'parts/loading.njk'")
  }
  const schema = options.schema === undefined ? null : readLoaderSchema(options.schema, what, fail)
  return freezeLoader({
    name,
    load: load as LoaderDefinition['load'],
    schema,
    eager: eager === true,
    deferred: deferred === true,
    fallback: (fallback ?? null) as string | null,
    guard: options.guard === undefined ? null : readGuard(options.guard, schema, what, fail),
  })
}

const PLAIN = { schema: null, eager: false, deferred: false, fallback: null, guard: null }

function freezeLoader (loader: Pick<LoaderDefinition, 'name' | 'load'> & Partial<LoaderDefinition>): LoaderDefinition {
  return Object.freeze({ ...PLAIN, ...loader })
}

function readGuard (given: unknown, schema: LoaderSchema | null, what: string, fail: Fail): LoaderDefinition['guard'] {
  const example = "Give { columns: ['tenant'], check: (row, context) => row.tenant === context.tenant }"
  if (typeof given !== 'object' || given === null) fail(`${what} has guard ${show(given)}`, example)
  const { columns, check } = given as { columns?: unknown, check?: unknown }
  checkOptions(given as object, GUARD_KEYS, `the guard of ${what}`, fail)
  if (!Array.isArray(columns) || columns.length === 0 || columns.some((column) => typeof column !== 'string' || column === '')) {
    fail(`the guard of ${what} has columns ${show(columns)}`, example)
  }
  if (typeof check !== 'function') fail(`the guard of ${what} has check ${show(check)}`, example)
  const row = schema?.kind === 'array' ? schema.element : schema
  for (const column of columns as readonly string[]) checkColumn(column, row ?? null, what, fail)
  return Object.freeze({
    columns: Object.freeze([...new Set(columns as readonly string[])]),
    check: check as NonNullable<LoaderDefinition['guard']>['check'],
  })
}

/** A column that the rows never have would be undefined in every check. */
function checkColumn (column: string, row: LoaderSchema | null, what: string, fail: Fail): void {
  if (row === null || row.kind === 'unknown') return
  const names = row.kind === 'object' ? row.names : new Map<string, LoaderSchema>()
  if (names === null || names.has(column)) return
  const known = [...names.keys()]
  const nearest = nearestName(column, known)
  const meant = nearest === null ? '' : `Did you mean '${nearest}'? `
  fail(`the guard of ${what} has column '${column}', which its schema does not have`,
    `${meant}Its columns: ${known.join(', ') || 'none'}`)
}
