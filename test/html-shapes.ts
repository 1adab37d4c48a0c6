import type { PlacesSource, TemplateSource } from '../lib/template/html/resolve-bodies.ts'
import type { Shape, SlotKind, SlotSource } from '../lib/template/shape.ts'

/** What a test's template is made of: text, or a slot with its bodies. */
export type Part = string | Hole
export interface Hole {
  readonly kind: SlotKind
  readonly bodies: ReadonlyArray<readonly Part[]>
  readonly names?: readonly string[] | null
  readonly optional?: boolean
}

export const value: Hole = { kind: 'output', bodies: [] }
export const when = (...body: Part[]): Hole => ({ kind: 'branch', bodies: [body], optional: true })
export const either = (...bodies: Part[][]): Hole => ({ kind: 'branch', bodies })
export const loop = (...body: Part[]): Hole => ({ kind: 'loop', bodies: [body] })
export const block = (name: string): Hole => ({ kind: 'block', bodies: [], names: [name] })
export const include = (...names: string[]): Hole => ({ kind: 'include', bodies: [], names })
export const filtered = (...body: Part[]): Hole => ({ kind: 'flat', bodies: [body] })

let count = 0

/** A shape as the compiler makes it; lines and columns count as if a slot were six characters long and had no body. */
export function shape (parts: readonly Part[], template = 'page.njk'): Shape {
  const statics = ['']
  const slots: SlotSource[] = []
  let line = 1
  let column = 1
  for (const part of parts) {
    if (typeof part === 'string') {
      statics[statics.length - 1] += part
      const lines = part.split('\n')
      line += lines.length - 1
      column = lines.length > 1 ? lines.at(-1)!.length + 1 : column + part.length
      continue
    }
    const bodies = part.bodies.map((body) => shape(body, template))
    slots.push({
      kind: part.kind,
      position: { template, line, column },
      bodies,
      row: part.kind === 'loop' ? bodies[0] as Shape : null,
      names: part.names ?? null,
      optional: part.optional ?? false
    })
    statics.push('')
    column += 6
  }
  return { id: `s${count++}`, template, position: { template, line: 1, column: 1 }, statics, slots, layout: null }
}

export interface Parts {
  readonly root?: readonly Part[]
  readonly blocks?: Readonly<Record<string, readonly Part[]>>
  readonly macros?: ReadonlyArray<readonly Part[]>
  readonly parents?: readonly string[]
  readonly imports?: readonly string[]
}

/** Templates by name, compiled once. */
export function templates (all: Readonly<Record<string, Parts>>): PlacesSource & { shape: (name: string) => Shape } {
  const compiled = new Map<string, TemplateSource>()
  for (const [name, { root, blocks = {}, macros = [], parents = null, imports }] of Object.entries(all)) {
    compiled.set(name, {
      root: root === undefined ? null : shape(root, name),
      blocks: new Map(Object.entries(blocks).map(([block, parts]) => [block, shape(parts, name)])),
      macros: macros.map((parts) => shape(parts, name)),
      parents,
      ...(imports === undefined ? {} : { imports })
    })
  }
  const template = (name: string): TemplateSource => {
    const found = compiled.get(name)
    if (found === undefined) throw new Error(`no template ${name}`)
    return found
  }
  return { template, shape: (name) => template(name).root as Shape }
}
