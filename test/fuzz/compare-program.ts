import { Environment, Loader } from '../../lib/template/nunjucks.ts'
import type { Program } from '../../lib/template/program.ts'
import { TemplateEnvironment } from '../../lib/template/template-environment.ts'
import type { Tree } from '../../lib/template/tree.ts'
import { LiveComparison } from './compare-live.ts'
import type { Planted } from './compare-live.ts'
import { extend } from './extend.ts'
import { Random } from './random.ts'
import { changeData, randomData } from './random-data.ts'
import { randomProgram } from './random-program.ts'
import type { RandomProgram } from './random-program.ts'

/** A rendering that differs from nunjucks', or a page or patch that does not say what was rendered. */
export interface Mismatch {
  readonly seed: number
  readonly mode: string
  readonly program: RandomProgram
  readonly expected: string
  readonly actual: string
}

export interface Comparison {
  readonly mismatches: readonly Mismatch[]
  /** The code with which live mode refused the program's HTML; null when it was compared to its end. */
  readonly refused: string | null
}

class PlainLoader extends Loader {
  readonly templates: Record<string, string>

  constructor (templates: Record<string, string>) {
    super()
    this.templates = templates
  }

  override getSource (name: string): { src: string, path: string } | null {
    const src = this.templates[name]
    return src === undefined ? null : { src, path: name }
  }
}

/** Renders one random program, before and after random changes of its data, by nunjucks and by us. */
export function compareProgram (seed: number, planted: Planted = {}): Comparison {
  const random = new Random(seed)
  const program = randomProgram(random)
  const mismatches: Mismatch[] = []
  const differ = (mode: string, expected: string, actual: string): void => {
    if (expected !== actual) mismatches.push({ seed, mode, program, expected, actual })
  }
  const data = randomData(random)
  const live = compareLive(program, planted, differ)
  // Compiling is most of the time: the other modes take turns.
  const compatible = seed % 2 === 0 ? compareCompatible(program, seed, differ) : () => {}
  for (let change = 0; change < 4; change++) {
    live.render(data)
    compatible(data)
    changeData(random, data)
  }
  return { mismatches, refused: live.refused() }
}

type Differ = (mode: string, expected: string, actual: string) => void

function compareCompatible ({ templates, entry }: RandomProgram, seed: number, differ: Differ): (data: object) => void {
  const options = { autoescape: seed % 4 !== 0, throwOnUndefined: seed % 9 === 0 }
  const ours = new TemplateEnvironment(templates, { ...options, compatible: true })
  const reference = new Environment(new PlainLoader(templates), { ...options })
  extend(ours)
  extend(reference)
  return (data) => differ('compatible', outcome(() => reference.render(entry, data)), outcome(() => ours.render(entry, data)))
}

/** Live mode: the text of each tree, the page of the first one, the patch from each to the next. */
function compareLive ({ templates, entry }: RandomProgram, planted: Planted, differ: Differ): {
  render (data: object): void
  refused (): string | null
} {
  const reference = new Environment(new PlainLoader(templates))
  const ours = new TemplateEnvironment(templates)
  const text = new TemplateEnvironment(templates)
  for (const environment of [reference, ours, text]) extend(environment)
  let refused: string | null = null
  let program: Program | null = null
  let comparison = new LiveComparison(planted)
  const attempt = <T>(run: () => T): T | null => {
    try {
      return run()
    } catch (error: any) {
      if (String(error.code).startsWith('LIVE_ERR_HTML_')) refused = error.code
      return null
    }
  }
  const render = (data: object): void => {
    const expected = outcome(() => reference.render(entry, data))
    const tree = refused === null && program !== null ? attempt(() => program?.render(data) as Tree) : null
    if (refused !== null) return differ('text', expected, outcome(() => text.render(entry, data)))
    differ('live', expected, tree === null ? 'error' : String(tree))
    if (tree === null) {
      comparison = new LiveComparison(planted)
      return
    }
    try {
      for (const [what, wanted, actual] of comparison.take(tree)) differ(what, wanted, actual)
    } catch (error: any) {
      differ('patch', 'no error', String(error.stack))
    }
  }
  program = attempt(() => compileTrusting(ours, entry, []))
  if (program !== null) planted.program?.(program)
  return { render, refused: () => refused }
}

/** Trusts the fields that are printed as HTML: the data is the fuzz's own. */
function compileTrusting (environment: TemplateEnvironment, entry: string, trustedHtml: readonly string[]): Program {
  try {
    return environment.compile(entry, { trustedHtml })
  } catch (error: any) {
    const path = /trustedHtml: (\[.*\]) \}\)$/.exec(error.message)
    if (path === null) throw error
    return compileTrusting(environment, entry, [...trustedHtml, ...JSON.parse(path[1] as string)])
  }
}

/** The text, or that it failed: messages differ on purpose. */
function outcome (render: () => string): string {
  try {
    return render()
  } catch {
    return 'error'
  }
}
