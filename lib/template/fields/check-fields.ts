import { positioned } from '../errors.ts'
import { checkChanges } from './check-changes.ts'
import { nearestName } from '../nearest-name.ts'
import type { SourcePosition } from '../shape.ts'
import { LIVE_ERR_UNKNOWN_FIELD } from './errors.ts'
import { isElement } from './field-node.ts'
import type { FieldNode } from './field-node.ts'
import type { FieldSet } from './field-set.ts'
import { allows, elementsOf, fieldsOf } from './field-schema.ts'
import type { FieldSchema } from './field-schema.ts'

/** One place in a template that names a field. */
interface Site {
  readonly position: SourcePosition
  /** True where one thing that may stand there has the field: in a macro that is called with rows of two loaders, for example. */
  fits: boolean
  /** What is wrong with it otherwise. */
  readonly problem: () => string
}

/**
 * Throws LIVE_ERR_UNKNOWN_FIELD where a template names a field that the schema of its loader does not have, and
 * LIVE_ERR_TEMPLATE_CHANGE where it changes what is surely data: a loader's, or what no template sets.
 */
export function checkFields (fields: FieldSet, loaders: ReadonlyMap<string, FieldSchema | null>): void {
  checkChanges(fields, (name) => loaders.has(name) || !fields.assigned.has(name))
  const sites = new Map<string, Site>()
  for (const [name, root] of fields.allRoots()) {
    // Templates' own names say nothing of what they hold.
    if (!loaders.has(name) && fields.assigned.has(name)) continue
    const schema = loaders.get(name) ?? null
    visit(root, schema === null ? [] : [schema], { loader: name, path: name }, sites)
  }
  for (const { fits, position, problem } of sites.values()) {
    if (!fits) throw positioned(LIVE_ERR_UNKNOWN_FIELD, position, problem())
  }
}

interface Owner {
  readonly loader: string
  readonly path: string
}

/** `schemas`: what the node may be; empty where nobody says. */
function visit (node: FieldNode, schemas: readonly FieldSchema[], owner: Owner, sites: Map<string, Site>): void {
  for (const [name, child] of node.children) {
    if (isElement(name)) {
      visit(child, elementsOf(schemas), { ...owner, path: `${owner.path}[]` }, sites)
      continue
    }
    const fits = schemas.length === 0 || schemas.some((schema) => allows(schema, name, child))
    for (const [at, position] of child.named) {
      const site = sites.get(`${name} ${at}`)
      if (site === undefined) sites.set(`${name} ${at}`, { position, fits, problem: () => problemOf(name, schemas, owner) })
      else site.fits ||= fits
    }
    const below = schemas.map((schema) => schema.names?.get(name)).filter((schema) => schema !== undefined)
    visit(child, below, { ...owner, path: `${owner.path}.${name}` }, sites)
  }
}

function problemOf (name: string, schemas: readonly FieldSchema[], { loader, path }: Owner): string {
  const whose = path === loader ? `loader '${loader}'` : `'${path}', of loader '${loader}'`
  const wrong = `'${name}' is not a field of ${whose}`
  const known = [...new Set(schemas.flatMap(fieldsOf))]
  const nearest = nearestName(name, known)
  if (nearest !== null) return `${wrong}. Did you mean '${nearest}'?`
  if (schemas.some(({ kind }) => kind === 'array')) {
    return `${wrong}, which is a list: loop over it, {% for one in ${path} %}{{ one.${name} }}{% endfor %}, or name the field in the loader's schema`
  }
  const fields = known.length === 0 ? 'It has none, being a single value by its schema' : `Its fields: ${known.join(', ')}`
  return `${wrong}. ${fields}. Correct the name, or add it to the loader's schema`
}
