import type { TemplateReference } from './compile-template.ts'
import type { PlacesSource, TemplateSource } from './html/resolve-bodies.ts'
import { LIVE_ERR_TEMPLATE_DYNAMIC, positioned } from './errors.ts'
import type { LiveTemplate } from './live-template.ts'
import type { TemplateEnvironment } from './template-environment.ts'

/** An environment's templates as the analysis of places asks for them. */
export function placesSource (environment: TemplateEnvironment): PlacesSource {
  return { template: (name) => templateSource(environment.getTemplate(name, true)) }
}

/** What the analysis of places knows of one compiled template. */
export function templateSource (template: LiveTemplate): TemplateSource {
  const { root, blockShapes, macros, parents, imports, references, alwaysExtends } = template
  if (parents === null) {
    const { position } = references.find(({ kind, names }) => kind === 'extends' && names === null) as TemplateReference
    throw positioned(LIVE_ERR_TEMPLATE_DYNAMIC, position, 'extends takes the name of its template from a value: what stands ' +
      'where in the page could not be known before it is shown. Write the names: {% extends "a.njk" if wide else "b.njk" %}')
  }
  return {
    root: alwaysExtends ? null : root,
    blocks: blockShapes,
    macros,
    parents,
    imports: imports.flatMap(({ names }) => names ?? [])
  }
}
