import { isSafeEventName } from '../security/is-safe-event-name.ts'
import { normalizeEventLimit } from '../limits/limit-options.ts'
import { checkOptions } from './check-options.ts'
import type { Fail } from './check-options.ts'
import { LIVE_ERR_OPTION, LIVE_ERR_VIEW } from './errors.ts'
import type { LoaderDefinition } from './loader-definition.ts'
import type { GuardColumns } from './loader-types.ts'
import { normalizeLoader } from './normalize-loader.ts'
import { show } from './show-value.ts'
import type { Access, AccessName, AccessRule, AnyEventContext, DeclaredEvent, Lifecycle, View, ViewDefinition } from './view.ts'

const NAME = /^[a-z][a-z0-9_-]{0,63}$/
const KEYS = ['name', 'template', 'includes', 'trustedHtml', 'access', 'state', 'loaders', 'events', 'onConnect', 'onParams', 'onDisconnect']
const EVENT_KEYS = ['payload', 'rateLimit', 'authorize', 'reloads', 'run']

/**
 * Declares a view. Types of `state`, loader data and payloads are inferred from the object literal; list `state` before
 * `loaders` and `events`, since inference goes from top to bottom. Throws LIVE_ERR_VIEW where something does not fit.
 */
export function defineView<
  S extends object, L extends object, P extends object, Schemas extends object, Columns extends GuardColumns, A extends AccessName = 'user'
> (definition: ViewDefinition<S, L, P, A, Schemas, Columns>): View
// A rule is a type of its own: inferred together with the names, its own context would be fixed before it is looked at.
export function defineView<
  S extends object, L extends object, P extends object, Schemas extends object, Columns extends GuardColumns
> (definition: ViewDefinition<S, L, P, AccessRule, Schemas, Columns>): View
export function defineView (definition: ViewDefinition<object, object, object, Access>): View {
  const given = definition as unknown as Readonly<Record<string, unknown>>
  if (definition === null || typeof definition !== 'object') {
    throw new LIVE_ERR_VIEW('?', `its definition is ${show(definition)}`, 'Give defineView({ name, template, ... })')
  }
  const { name, template } = definition
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new LIVE_ERR_VIEW(String(name), `its name is ${show(name)}`, 'Allowed: a lower-case letter, then up to 63 of a-z 0-9 _ -')
  }
  const fail = (problem: string, fix: string): never => { throw new LIVE_ERR_VIEW(name, problem, fix) }
  checkOptions(given, KEYS, 'it', fail)
  if (typeof template !== 'string' || template === '') fail(`template is ${show(template)}`, "Give a template's name: 'orders.njk'")
  const includes = given.includes ?? []
  if (!Array.isArray(includes) || includes.some((include) => typeof include !== 'string' || include === '')) {
    fail(`includes is ${show(includes)}`, "Give an array of templates' names: ['parts/open.njk', 'parts/closed.njk']")
  }
  const trustedHtml = given.trustedHtml ?? []
  if (!Array.isArray(trustedHtml) || trustedHtml.some((path) => typeof path !== 'string' || path === '')) {
    fail(`trustedHtml is ${show(trustedHtml)}`, "Give an array of fields' paths: ['post.body', 'comments[].html']")
  }
  const access = given.access ?? 'user'
  if (typeof access !== 'function' && (typeof access !== 'string' || access === '')) {
    fail(`access is ${show(access)}`, "Allowed: 'user', 'public', a permission's name or a function")
  }
  for (const key of ['state', 'onConnect', 'onParams', 'onDisconnect']) {
    if (given[key] !== undefined && typeof given[key] !== 'function') fail(`${key} is ${show(given[key])}`, 'Give a function')
  }
  const loaders = checkLoaders(given.loaders, fail)
  return Object.freeze({
    name,
    template,
    includes: Object.freeze([...includes as readonly string[]]),
    trustedHtml: Object.freeze([...new Set(trustedHtml as readonly string[])].sort()),
    access: access as Access,
    state: (given.state ?? emptyState) as View['state'],
    loaders,
    events: checkEvents(given.events, loaders, name, fail),
    onConnect: (given.onConnect ?? null) as Lifecycle | null,
    onParams: (given.onParams ?? null) as Lifecycle | null,
    onDisconnect: (given.onDisconnect ?? null) as Lifecycle | null,
  })
}

function emptyState (): object {
  return {}
}

function checkLoaders (given: unknown, fail: Fail): View['loaders'] {
  const loaders: Record<string, LoaderDefinition> = Object.create(null)
  for (const [name, value] of entriesOf(given, 'loaders', fail)) loaders[name] = normalizeLoader(name, value, fail)
  return Object.freeze(loaders)
}

function checkEvents (given: unknown, loaders: View['loaders'], view: string, fail: Fail): View['events'] {
  const events = new Map<string, DeclaredEvent>()
  for (const [name, value] of entriesOf(given, 'events', fail)) {
    if (!isSafeEventName(name)) {
      fail(`event '${name}' has a name that is not allowed`, 'Allowed: a lower-case letter, then up to 63 of a-z 0-9 _')
    }
    if (typeof value === 'function') {
      const run = value as DeclaredEvent['run']
      const nothing = { payload: null, rateLimit: null, authorize: null, reloads: [] }
      events.set(name, Object.freeze({ name, declared: false, ...nothing, run }))
      continue
    }
    if (typeof value !== 'object' || value === null) fail(`event '${name}' is ${show(value)}`, 'Give an object with a run function')
    const event = value as Readonly<Record<string, unknown>>
    checkOptions(event, EVENT_KEYS, `event '${name}'`, fail)
    if (typeof event.run !== 'function') fail(`event '${name}' has run ${show(event.run)}`, 'Give a function')
    if (event.authorize !== undefined && typeof event.authorize !== 'function') {
      fail(`event '${name}' has authorize ${show(event.authorize)}`, 'Give a function that answers true or false')
    }
    if (event.payload !== undefined && (event.payload === null || !['object', 'function'].includes(typeof event.payload))) {
      fail(`event '${name}' has payload ${show(event.payload)}`, 'Give a TypeBox type, a JSON Schema or a Standard Schema')
    }
    const reloads = (event.reloads ?? []) as readonly string[]
    if (!Array.isArray(reloads)) throw new LIVE_ERR_OPTION(`${view}.events.${name}.reloads`, show(reloads), 'an array of loader names')
    for (const loader of reloads) {
      if (!Object.hasOwn(loaders, loader)) {
        fail(`event '${name}' reloads '${String(loader)}'`, `Its loaders: ${Object.keys(loaders).join(', ') || 'none'}`)
      }
    }
    events.set(name, Object.freeze({
      name,
      declared: true,
      payload: (event.payload ?? null) as object | null,
      rateLimit: normalizeEventLimit(event.rateLimit, `${view}.events.${name}.rateLimit`),
      authorize: (event.authorize ?? null) as ((context: AnyEventContext) => boolean | Promise<boolean>) | null,
      reloads: Object.freeze([...reloads]),
      run: event.run as DeclaredEvent['run'],
    }))
  }
  return events
}

function entriesOf (given: unknown, option: string, fail: Fail): Array<[string, unknown]> {
  if (given === undefined) return []
  if (typeof given !== 'object' || given === null || Array.isArray(given)) fail(`${option} is ${show(given)}`, 'Give a plain object')
  return Object.entries(given as object)
}
