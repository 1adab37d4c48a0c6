import type { LiveTemplate } from '../live-template.ts'
import type { Program } from '../program.ts'
import { analyseFields } from './analyse-fields.ts'
import type { FieldSet } from './field-set.ts'

const analysed = new WeakMap<Program, FieldSet>()

/** What a compiled program reads. */
export function analyseProgram (program: Program): FieldSet {
  const known = analysed.get(program)
  if (known !== undefined) return known
  const { customFilters, customTests, customGlobals, declarations, declaredHtml } = program.environment
  const templates = new Map(program.templates.map((template) => [template.name, template]))
  const fields = analyseFields({
    ast: (name) => templates.get(name)?.ast ?? null,
    resolve (name, from) {
      return program.resolve(templates.get(from) as LiveTemplate, name)?.name ?? name
    },
  }, program.template.name, {
    customFilters,
    customTests,
    customGlobals,
    declarations,
    declaredHtml,
    includes: program.includes,
    environment: program.environment,
  })
  analysed.set(program, fields)
  return fields
}
