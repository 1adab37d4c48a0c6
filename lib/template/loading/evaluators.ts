import { ExpressionCompiler } from '../compiler-expressions.ts'
import type { Analysis } from '../fields/analysis.ts'
import type { Binding } from '../fields/place.ts'
import type { Question, Site, Visit } from '../fields/site.ts'
import { Environment, Frame } from '../nunjucks.ts'
import type { Node } from '../nunjucks.ts'
import { liveRuntime } from '../live-runtime.ts'
import { callsIn, isEvaluable, namesIn } from './is-evaluable.ts'
import type { Condition } from './load-plan.ts'
import { mayChange } from './may-change.ts'
import { meaningOf } from './meaning-of.ts'

export type Evaluate = Condition['evaluate']

/** An expression of a template, to be evaluated outside of a rendering. */
export interface Evaluator {
  readonly evaluate: Evaluate
  /** Every expression that it evaluates, in its place: itself, arguments, names that are set. */
  readonly visits: ReadonlySet<Visit>
  /** The loops whose rows it looks at. */
  readonly loops: ReadonlySet<Site>
  /** True where it uses no name: its value is known at boot. */
  readonly isConstant: boolean
}

const plain = new Environment([])
const UNDEFINED: Evaluator = { evaluate: () => undefined, visits: new Set(), loops: new Set(), isConstant: true }

/** Makes functions of a program's conditions, by the compiler that makes its renderings. */
export class Evaluators {
  readonly #analysis: Analysis
  readonly #env: Environment
  readonly #known = new Map<Visit, Map<Node, Evaluator | null>>()
  readonly #rows = new Map<Site, number>()

  constructor (analysis: Analysis) {
    this.#analysis = analysis
    this.#env = analysis.options.environment ?? plain
  }

  /** Where `rows` holds a loop's row. */
  rowOf (loop: Site): number {
    const known = this.#rows.get(loop) ?? this.#rows.size
    this.#rows.set(loop, known)
    return known
  }

  /** What answers a site's question. Null where only a rendering can. */
  answer ({ question, visit }: Site): Evaluator | null {
    const value = this.of(question.node, visit)
    if (value === null || question.kind === 'value') return value
    if (question.kind !== 'case') return { ...value, evaluate: listed(question, value.evaluate) }
    const cases = question.cases.map((node) => this.of(node, visit))
    if (cases.includes(null)) return null
    const all = [value, ...cases as Evaluator[]]
    return {
      evaluate (page, rows) {
        const given = value.evaluate(page, rows)
        return (cases as Evaluator[]).some(({ evaluate }) => evaluate(page, rows) === given)
      },
      visits: value.visits,
      loops: new Set(all.flatMap(({ loops }) => [...loops])),
      isConstant: all.every(({ isConstant }) => isConstant),
    }
  }

  /** An expression as it stands at a visit. */
  of (node: Node, visit: Visit): Evaluator | null {
    const known = this.#known.get(visit) ?? new Map<Node, Evaluator | null>()
    this.#known.set(visit, known)
    let evaluator = known.get(node)
    if (evaluator === undefined) known.set(node, evaluator = this.#create(node, visit))
    return evaluator
  }

  #create (node: Node, visit: Visit): Evaluator | null {
    if (!isEvaluable(node, this.#analysis.options)) return null
    const names = namesIn(node)
    const calls = callsIn(node)
    const variables = new Frame()
    const parts: Evaluator[] = []
    const lookups = new Map<string, Evaluate>()
    for (const name of names) {
      const meaning = meaningOf(this.#analysis, name, visit)
      if (meaning?.kind === 'page') continue
      if (meaning === null || calls.has(name) || mayChange(this.#analysis, name, visit)) return null
      const part = meaning.kind === 'set' ? this.of(meaning.set.value as Node, meaning.set.visit) : this.#bound(meaning.binding)
      if (part === null) return null
      if (meaning.variable) variables.set(name, `parts[${parts.length}].evaluate(page, rows)`)
      else lookups.set(name, part.evaluate)
      parts.push(part)
    }
    return {
      evaluate: this.#generate(node, visit, variables, parts, lookups),
      visits: new Set([visit, ...parts.flatMap(({ visits }) => [...visits])]),
      loops: new Set(parts.flatMap(({ loops }) => [...loops])),
      isConstant: parts.length === names.size && parts.every(({ isConstant }) => isConstant),
    }
  }

  #bound (binding: Binding): Evaluator | null {
    if (binding.kind === 'argument') return binding.given === null ? UNDEFINED : this.of(binding.given.node, binding.given.visit)
    const { loop, part } = binding
    const row = this.rowOf(loop)
    const evaluate: Evaluate = part === null ? (_, rows) => rows[row] : (_, rows) => (rows[row] as unknown[])[part]
    return { evaluate, visits: new Set(), loops: new Set([loop]), isConstant: false }
  }

  #generate (
    node: Node, visit: Visit, variables: Frame, parts: readonly Evaluator[], lookups: ReadonlyMap<string, Evaluate>
  ): Evaluate {
    const env = this.#env
    const compiler = new ExpressionCompiler(undefined, env, visit.place.template, false)
    compiler.compile(node, variables)
    // The template's own code, by the compiler that makes its rendering.
    // eslint-disable-next-line no-new-func -- the compiler writes this code from the template, never from data
    const generate = new Function('runtime', 'env', 'parts',
      `return function (page, rows, context, frame) {\nvar p;\nreturn ${compiler.getCode()};\n};`)
    const expression = generate(liveRuntime, env, parts)
    return (page, rows) => {
      const frame = { lookup: (name: string) => lookups.get(name)?.(page, rows) }
      return expression(page, rows, { env, ctx: page }, frame)
    }
  }
}

/** A loop's rows as it binds them, or whether its `else` is not run. */
function listed ({ kind, names }: Extract<Question, { names: unknown }>, list: Evaluate): Evaluate {
  const isSingle = names.length === 1
  const items = (page: Parameters<Evaluate>[0], rows: readonly unknown[]): any => {
    const value = list(page, rows)
    if (!value) return []
    return isSingle ? liveRuntime.rowsOf(value) : liveRuntime.fromIterator(value)
  }
  if (kind === 'any') {
    return (page, rows) => {
      const all = items(page, rows)
      return Boolean(isSingle || Array.isArray(all) ? all.length : liveRuntime.keys(all).length)
    }
  }
  return (page, rows) => {
    const all = items(page, rows)
    if (isSingle) return Array.from({ length: all.length }, (_, index) => all[index])
    if (Array.isArray(all)) return Array.from(all, (item) => names.map((_, index) => item[index]))
    return liveRuntime.keys(all).map((key) => [key, all[key]])
  }
}
