import { Analysis } from './analysis.ts'
import type { AnalysisOptions, TemplateSource } from './analysis.ts'
import { createContext, enterContext } from './enter-context.ts'
import { FieldSet } from './field-set.ts'
import { createScope } from './place.ts'
import { runTemplate } from './templates.ts'

/** Two or three rounds are usual; a program that still grows after these counts as reading everything. */
const MAX_ROUNDS = 30

/**
 * What a program reads: a template with all that it includes, imports and extends. Never less than a rendering can read,
 * for any data: rendering with data cut to these fields gives the same page.
 */
export function analyseFields (source: TemplateSource, entry: string, options: AnalysisOptions = {}): FieldSet {
  const analysis = new Analysis(source, options)
  const data = { ...createContext('data', null), seesData: true }
  let size = -1
  while (size !== analysis.size && analysis.round < MAX_ROUNDS) {
    size = analysis.size
    analysis.beginRound()
    runTemplate(analysis, entry, enterContext(analysis, 'entry', data), createScope(null, []), null, null)
  }
  if (size !== analysis.size) analysis.everything = true
  return new FieldSet(entry, analysis)
}
