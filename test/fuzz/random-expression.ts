// Templates are easier to read on one line.
/* eslint @stylistic/max-len: 'off' */
import type { Random } from './random.ts'

/** Where in a program a piece of it is being written. */
export interface Scope {
  readonly random: Random
  /** Names bound around the place being written. */
  readonly names: readonly string[]
  readonly depth: number
  /** Templates that may be included from here: later ones only, so that programs end. */
  readonly includes: readonly string[]
  readonly macros: readonly string[]
  readonly inLoop: boolean
  readonly inMacro: boolean
  readonly superFor: boolean
  /** Inside text that is captured: nunjucks generates invalid code, or loses output, for what is asynchronous there. */
  readonly captured: boolean
  /** Names of blocks still free in this template. */
  readonly blocks: string[]
}

const paths = ['a', 'r.name', 'i', 'b', 'c', 'x', 'flag', 'user.name', 'user.age', 'rows', 'dict.k0', 'rows[0].name', 'v', 'w', 'g.v', 'missing', 'missing.deep']
const filters = [
  'upper', 'lower', 'title', 'trim', 'length', 'default("d")', 'default("d", true)', 'safe', 'escape', 'string', 'replace("b", "<i>")', 'dump',
  'first', 'join("-")', 'list|join(",")', 'capitalize', 'urlencode', 'striptags', 'nl2br', 'int(3)', 'float(1.5)', 'abs', 'round'
]
export const loopFields = ['index', 'index0', 'revindex', 'revindex0', 'first', 'last', 'length']

export function output (scope: Scope): string {
  const { random } = scope
  const loopField = scope.inLoop && random.chance(0.3) ? `loop.${random.pick(loopFields)}` : null
  const text = loopField ?? (scope.superFor && random.chance(0.2) ? random.pick(['super()', 'super()|upper', 'super()|safe']) : expression(scope))
  return random.pick([`{{ ${text} }}`, `<i>{{ ${text} }}</i>`, `{{ ${text} }} `, `{{- ${text} -}}`])
}

export function expression (scope: Scope, level = 0): string {
  const { random, names } = scope
  const path = (): string => random.chance(0.5) && names.length > 0 ? random.pick(names) + random.pick(['', '', '.name', '.n', '[0]']) : random.pick(paths)
  if (level > 2) return path()
  const sub = (): string => expression(scope, level + 1)
  switch (random.below(18)) {
    case 0: return random.pick(['"<lit>"', "'q'", '3', '1.5', 'true', 'none', '[1, "b"]', '{ n: 1, "m": b }'])
    case 1: case 2: return `${path()}|${random.pick(filters)}`
    case 3: return `(${sub()} if ${condition(scope)} else ${sub()})`
    case 4: return `(${sub()} if ${condition(scope)})`
    case 5: return `(${sub()} ~ ${sub()})`
    case 6: return `(c ${random.pick(['+', '-', '*', '//', '%', '**', '==', '<', '>=', '!='])} ${random.pick(['1', '2', 'c', 'user.age'])})`
    case 7: return `(${sub()} or ${sub()})`
    case 8: return `(${sub()} and ${sub()})`
    case 9: return `shout(${sub()})`
    case 10: case 11: {
      if (scope.macros.length === 0) return path()
      const call = `${random.pick(scope.macros)}(${random.pick([sub(), `${sub()}, ${sub()}`, `p=${sub()}`, `${sub()}, q=${sub()}`, ''])})`
      return random.pick([call, call, call, `${call}|safe`, `${call}|upper`, `${call}|length`, `${call}|dump`, `${call}.slots`, `${call}.shape`, `${call} ~ "<"`, `apply(${random.pick(scope.macros)}, b)`])
    }
    case 12: return random.pick(['rows|selectattr("n")|join(",", "name")', 'rows|sort(false, false, "id")|first', 'dict|dictsort|join("/")', 'rows|length', 'range(c)|join'])
    default: return path()
  }
}

export function condition (scope: Scope): string {
  const { random } = scope
  const path = random.pick([...paths, ...scope.names])
  return random.pick([path, path, `not ${path}`, `${path} is defined`, `c > ${random.below(4)}`, `${path} == b`, 'b in "plain text"', 'c is odd', 'flag and c', 'a is string',
    scope.inLoop ? `loop.${random.pick(['first', 'last'])}` : 'flag', scope.inLoop ? 'loop.index > 1' : 'c'])
}
