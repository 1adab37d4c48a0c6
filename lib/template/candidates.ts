import { LIVE_ERR_TEMPLATE_DYNAMIC } from './errors.ts'
import { Template } from './nunjucks.ts'
import type { Context } from './nunjucks.ts'
import { textOf } from './ordinary.ts'
import { resolveName } from './resolve-name.ts'

/** A symbol, so that no name of the data reaches it. */
const LIST = Symbol('candidates')

interface Holder {
  [LIST]?: ReadonlySet<string>
}

/** The templates that names which are not written out may mean in this rendering; null where it is no program's. */
export function candidatesOf (context: Context): ReadonlySet<string> | null {
  return (context as Holder)[LIST] ?? null
}

export function setCandidates (context: Context, names: ReadonlySet<string> | null): void {
  if (names !== null) (context as Holder)[LIST] = names
}

/**
 * A template's name that data gives, before anything is loaded: which file is read is not for data to choose, and a template
 * that was not analysed in its place could put a value where it is not safe.
 */
export function admitted (wanted: any, parent: string | undefined, context: Context): unknown {
  const names = candidatesOf(context)
  // Text alone has no places, and no JSON is a template.
  if (names === null && wanted instanceof Template) return wanted
  // A String object, such as a SafeString, names a template too.
  const name: unknown = wanted instanceof String || typeof wanted?.val === 'string' ? textOf(wanted) : wanted
  const resolved = typeof name === 'string' ? resolveName(context.env, parent, name) : null
  if (names !== null && resolved !== null && names.has(resolved)) return resolved
  const shown = typeof name === 'string' ? `the template ${JSON.stringify(name.slice(0, 100))}` : `a value of type ${typeof name}, which is no template's name,`
  if (names === null) {
    throw new LIVE_ERR_TEMPLATE_DYNAMIC(`${shown} is named by a value, and nothing says which templates may stand here. Write the names, ` +
      "or list them: environment.compile('main.njk', { includes: ['a.njk', 'b.njk'] }).render(data)")
  }
  throw new LIVE_ERR_TEMPLATE_DYNAMIC(`${shown} is not among those that may stand here: ${[...names].join(', ')}. ` +
    'Correct the name, or add it to the list of includes')
}
