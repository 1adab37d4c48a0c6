import type { PlacesSource, TemplateSource } from './html/resolve-bodies.ts'
import type { LiveTemplate } from './live-template.ts'
import type { TemplateEnvironment } from './template-environment.ts'

/** An environment's templates as the analysis of places asks for them. `includes`: what names mean that are not written out. */
export function placesSource (environment: TemplateEnvironment, includes: readonly string[]): PlacesSource {
  const known = new Map<string, TemplateSource>()
  return {
    includes,
    // One object each: templates of a list may name one another.
    template (name) {
      const source = known.get(name) ?? templateSource(environment.getTemplate(name, true), includes)
      known.set(name, source)
      return source
    }
  }
}

/** What the analysis of places knows of one compiled template. */
function templateSource (template: LiveTemplate, includes: readonly string[]): TemplateSource {
  const { root, blockShapes, macros, htmlBodies, references, alwaysExtends } = template
  const named = (wanted: string): string[] => [...new Set(
    references.filter(({ kind }) => kind === wanted).flatMap(({ names }) => names ?? includes)
  )]
  return {
    root: alwaysExtends ? null : root,
    blocks: blockShapes,
    macros: [...macros, ...htmlBodies],
    parents: named('extends'),
    imports: named('import')
  }
}
