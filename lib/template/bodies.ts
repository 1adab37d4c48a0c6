import { createHash } from 'node:crypto'
import type { Shape, SlotKind, SlotSource, SourcePosition } from './shape.ts'

/** A body while it is compiled: its statics and slots so far, and the JavaScript array that holds its values. */
export interface OpenBody {
  readonly array: string
  /** Its place in the table of shapes that the generated code refers to. */
  readonly index: number
  /** Where in the generated code the array is declared: how many slots it has is known at the end only. */
  readonly declaredAt: number
  readonly statics: string[]
  readonly slots: SlotSource[]
}

/** One slot being compiled. */
export interface Hole {
  readonly body: OpenBody
  readonly slot: number
  /** The JavaScript that assigns to it. */
  readonly target: string
}

/** The shapes of one template. */
export class ShapeTable {
  readonly template: string
  readonly shapes: Shape[] = []
  readonly #byId = new Map<string, Shape>()

  constructor (template: string) {
    this.template = template
  }

  reserve (): number {
    this.shapes.length++
    return this.shapes.length - 1
  }

  /**
   * Makes the body's shape. A loop over pairs compiles its body twice (arrays and objects), so equal source at one position
   * is one shape.
   */
  close (body: OpenBody, position: SourcePosition): Shape {
    // The lexer builds text character by character; flattening those ropes anew in each rendering costs two to six times more.
    const statics = body.statics.map((text) => JSON.parse(JSON.stringify(text)) as string)
    const id = shapeId(this.template, position, statics, body.slots)
    const shape = this.#byId.get(id) ?? { id, template: this.template, position, statics, slots: body.slots, layout: null }
    this.#byId.set(id, shape)
    this.shapes[body.index] = shape
    return shape
  }
}

export function slotSource (
  kind: SlotKind, position: SourcePosition, rest: Partial<Omit<SlotSource, 'kind' | 'position'>> = {}
): SlotSource {
  return { kind, position, bodies: [], row: null, names: null, optional: false, ...rest }
}

function shapeId (template: string, position: SourcePosition, statics: readonly string[], slots: readonly SlotSource[]): string {
  const sources = slots.map((slot) => [
    slot.kind, slot.position.line, slot.position.column, slot.bodies.map((body) => body.id), slot.names, slot.optional
  ])
  const hash = createHash('sha256').update(JSON.stringify([template, position.line, position.column, statics, sources]))
  // 60 bits: among ten thousand shapes two meet with a chance of 1 in 20 thousand million. Short, since markers repeat it.
  return (hash.digest().readBigUInt64BE() >> 4n).toString(36)
}
