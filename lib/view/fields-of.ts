import { analyseFields } from '../template/fields/analyse-fields.ts'
import type { FieldSet } from '../template/fields/field-set.ts'
import { Environment } from '../template/nunjucks.ts'
import type { LiveTemplate } from '../template/live-template.ts'
import type { TemplateEnvironment } from '../template/template-environment.ts'

/** What a template reads of the data that it is rendered with, by the environment's own templates, filters and tests. */
export function fieldsOf (environment: TemplateEnvironment, name: string): FieldSet {
  const plain = new Environment([])
  const own = (mine: Readonly<Record<string, unknown>>, theirs: Readonly<Record<string, unknown>>): Set<string> =>
    new Set(Object.keys(mine).filter((key) => mine[key] !== theirs[key]))
  return analyseFields({
    ast: (template) => {
      try {
        return (environment.getTemplate(template) as LiveTemplate).ast
      } catch (error) {
        if ((error as { code?: string }).code === 'LIVE_ERR_TEMPLATE_MISSING') return null
        throw error
      }
    },
    resolve: (template, from) => {
      const { path } = environment.getTemplate(from) as LiveTemplate
      return environment.loaders.reduce((resolved, loader) => environment.resolveTemplate(loader, path, resolved), template)
    },
  }, name, { customFilters: own(environment.filters, plain.filters), customTests: own(environment.tests, plain.tests) })
}
