import { nameText } from '../../lib/template/fields/member-path.ts'
import type { LoadingAsk, LoadingCondition, LoadingStep } from '../../lib/view/explain-loading.ts'
import type { ViewExplanation } from '../../lib/view/explain-view.ts'
import { formatTable } from './format-table.ts'
import type { ViewsFormat } from './format-views.ts'

/** Round by round: what is asked for, and on which condition. */
export function formatLoading ({ loading, loaders }: ViewExplanation, { width, paint }: ViewsFormat): string {
  const deferred = new Set(loaders.filter((loader) => loader.deferred).map(({ name }) => name))
  const steps = loading.map((step) => ({ step, rows: step.asks.map((ask) => row(ask, deferred)) }))
  const format = { indent: 6, width, widest: 40, alike: steps.flatMap(({ rows }) => rows) }
  return steps.map(({ step, rows }, index) => {
    const begins = loading[index - 1]?.round !== step.round
    const title = begins ? `  ${paint.bold(`round ${step.round}`)}${step.round === 1 ? ', at once' : ', when the rounds before have come'}\n` : ''
    return `${title}${conditions(step, paint.dim)}${formatTable(rows, format)}`
  }).join('')
}

function row ({ loader, paths, again }: LoadingAsk, deferred: ReadonlySet<string>): readonly [string, string] {
  const notes = [...deferred.has(loader) ? ['over the socket'] : [], ...again ? ['again, with'] : []]
  const names = columnsOf(loader, paths)
  return [notes.length === 0 ? loader : `${loader} (${notes.join('; ')})`, names.length === 0 ? 'whether it is there, how many rows' : names.join(', ')]
}

/** `[]`, and names in quotes, which may have it in them. */
const LISTS = /("(?:[^"\\]|\\.)*")|\[\]/g

/** As `fields.paths` has them: a list and its elements are one place. */
function columnsOf (loader: string, paths: readonly string[]): string[] {
  const isLength = (path: string): boolean => path.endsWith('.length') && paths.some((other) => other.startsWith(`${path.slice(0, -7)}[]`))
  const names = new Set(paths.filter((path) => !isLength(path))
    .map((path) => path.slice(nameText(loader).length).replace(LISTS, '$1').replace(/^\./, '')))
  return [...names].filter((name) => name !== '' && ![...names].some((other) => other.startsWith(`${name}.`) || other.startsWith(`${name}[`))).sort()
}

function conditions ({ when }: LoadingStep, dim: (text: string) => string): string {
  if (when.length === 0) return '    always\n'
  return when.map((condition, index) => `    ${index === 0 ? '' : 'and '}${words(condition)} ` +
    dim(`${condition.position.template}:${condition.position.line}`) + '\n').join('')
}

const WORDS: Readonly<Record<LoadingCondition['kind'], string>> = { when: 'if', unless: 'unless', for: 'for each of' }

function words ({ kind, text }: LoadingCondition): string {
  return `${WORDS[kind]} ${text}`
}
