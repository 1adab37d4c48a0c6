import { nearestName } from '../nearest-name.ts'
import { positioned } from '../errors.ts'
import { checkChanges } from './check-changes.ts'
import { LIVE_ERR_NAME_COLLISION, LIVE_ERR_UNKNOWN_ROOT } from './errors.ts'
import type { FieldSet } from './field-set.ts'

/** Names that a template of a view may use. */
export interface KnownRoots {
  /** Null where the state's keys are not known yet: then only collisions are looked for. */
  readonly state: readonly string[] | null
  readonly loaders: readonly string[]
  readonly globals: readonly string[]
}

/** nunjucks' own global functions. */
const BUILT_IN = ['range', 'cycler', 'joiner']

/**
 * Throws LIVE_ERR_NAME_COLLISION where a name means two things, LIVE_ERR_UNKNOWN_ROOT where a template's name means
 * nothing, LIVE_ERR_TEMPLATE_CHANGE where a template changes what a name means.
 */
export function checkRoots (fields: FieldSet, known: KnownRoots): void {
  const kinds = checkCollisions(known)
  checkChanges(fields, (name) => kinds.has(name))
  if (known.state === null) return
  for (const { name, position } of fields.mentioned()) {
    if (kinds.has(name) || BUILT_IN.includes(name)) continue
    const nearest = nearestName(name, [...kinds.keys()])
    const advice = nearest === null ? `Known: ${[...kinds.keys()].join(', ') || 'nothing'}` : `Did you mean '${nearest}'?`
    throw positioned(LIVE_ERR_UNKNOWN_ROOT, position, `'${name}' is neither state, loader nor global, and no template sets it. ${advice}`)
  }
}

/** Throws LIVE_ERR_NAME_COLLISION where a name means two things. Gives what each name means. */
export function checkCollisions (known: KnownRoots): ReadonlyMap<string, string> {
  const kinds = new Map<string, string>()
  for (const [kind, names] of [['state key', known.state ?? []], ['loader', known.loaders], ['global', known.globals]] as const) {
    for (const name of names) {
      const other = kinds.get(name)
      if (other !== undefined) throw new LIVE_ERR_NAME_COLLISION(name, other, kind)
      kinds.set(name, kind)
    }
  }
  return kinds
}
