import { Environment } from '../nunjucks.ts'
import type { LiveTemplate } from '../live-template.ts'
import type { Program } from '../program.ts'
import { analyseFields } from './analyse-fields.ts'
import type { FieldSet } from './field-set.ts'

const plain = new Environment([])

/** What a compiled program reads. */
export function analyseProgram (program: Program): FieldSet {
  const { customFilters, tests, customGlobals, declarations } = program.environment
  const templates = new Map(program.templates.map((template) => [template.name, template]))
  return analyseFields({
    ast: (name) => templates.get(name)?.ast ?? null,
    resolve (name, from) {
      return program.resolve(templates.get(from) as LiveTemplate, name)?.name ?? name
    },
  }, program.template.name, {
    customFilters,
    customTests: others(tests, plain.tests),
    customGlobals,
    declarations,
    includes: program.includes,
    environment: program.environment,
  })
}

function others (own: Readonly<Record<string, unknown>>, plain: Readonly<Record<string, unknown>>): Set<string> {
  return new Set(Object.keys(own).filter((name) => own[name] !== plain[name]))
}
