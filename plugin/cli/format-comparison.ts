import type { Comparison } from './compare-exposure.ts'
import { placeNames } from './format-places.ts'
import type { Paint } from './paint.ts'
import { printable } from './printable.ts'
import { formatTable } from './format-table.ts'

export interface ComparisonFormat {
  /** The lock file as the reader knows it. */
  readonly name: string
  /** What accepts the findings. */
  readonly command: string
  readonly width: number
  readonly paint: Paint
}

/** What `--check` prints. */
export function formatComparison (comparison: Comparison, { name, command, width, paint }: ComparisonFormat): string {
  const { findings, outdated } = printable(comparison)
  if (findings.length === 0 && outdated.length === 0) return `${name}: nothing new is exposed\n`
  const tighten = outdated.length === 0 ? '' : `Not in step with ${name}, without exposing more:\n${lines(outdated)}`
  if (findings.length === 0) return `${name}: nothing new is exposed\n\n${tighten}\nTo bring the file in step: ${command}\n`
  const views = [...new Set(findings.map(({ view }) => view))].map((view) => {
    const rows = findings.filter((finding) => finding.view === view)
      .map(({ sign, what, places }) => [sign === '!' ? paint.alert(sign) : sign, what, placeNames(places)] as const)
    return `${paint.bold(view)}\n${formatTable(rows, { indent: 2, width, widest: 60 })}`
  })
  const accept = `Is that meant? Then accept it, and let the change of ${name} be reviewed:\n  ${command}\n`
  return [`The views expose what ${name} does not have:\n`, ...views, ...tighten === '' ? [] : [tighten], accept].join('\n')
}

function lines (texts: readonly string[]): string {
  return texts.map((text) => `  - ${text}\n`).join('')
}
