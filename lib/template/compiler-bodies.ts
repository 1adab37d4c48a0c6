import { Compiler } from './nunjucks.ts'
import type { Environment, Frame, Node } from './nunjucks.ts'
import type { Hole, OpenBody } from './bodies.ts'
import { ShapeTable } from './bodies.ts'
import type { Shape, SlotSource, SourcePosition } from './shape.ts'

/**
 * nunjucks' compiler with its output buffer replaced: text goes into statics at compile time, everything else into slots at
 * run time. Expressions are nunjucks' own, since their code has quirks that templates rely on (`not 1 == 2` is false).
 */
export class BodyCompiler extends Compiler {
  readonly table: ShapeTable
  readonly env: Environment
  readonly path: string | undefined
  readonly compatible: boolean
  /** Places that generated code names by number: `p = 7` before what may fail. */
  readonly positions: SourcePosition[] = []
  readonly blocks: Map<string, Shape> = new Map()
  readonly macros: Shape[] = []
  readonly captures: Shape[] = []
  readonly expressions: Map<SlotSource, Node> = new Map()
  protected body!: OpenBody
  #position: SourcePosition

  constructor (path: string | undefined, env: Environment, name: string, compatible: boolean) {
    super(path, env.opts.throwOnUndefined)
    this.table = new ShapeTable(name)
    this.env = env
    this.path = path
    this.compatible = compatible
    this.#position = { template: name, line: 1, column: 1 }
  }

  /** The code that says whether output is escaped. Outside compatible mode nothing at run time can switch it off. */
  get autoescape (): string {
    return this.compatible ? 'env.opts.autoescape' : 'true'
  }

  /** Where a node stands. Cases and extension calls have no position of their own: theirs is the last one known. */
  at (node: Node): SourcePosition {
    if (node.lineno !== undefined) {
      this.#position = { template: this.table.template, line: node.lineno + 1, column: (node.colno as number) + 1 }
    }
    return this.#position
  }

  /** The assignment that tells where the code is, for errors. */
  mark (node: Node): string {
    this.positions.push(this.at(node))
    return `p = ${this.positions.length - 1}`
  }

  /** A slot in the body being compiled; `fill` says what it holds once that is known. */
  protected hole (): Hole {
    const body = this.body
    const slot = body.statics.length - 1
    body.statics.push('')
    return { body, slot, target: `${body.array}[${slot}]` }
  }

  protected fill (hole: Hole, source: SlotSource): void {
    hole.body.slots[hole.slot] = source
  }

  /** Emits the code that gives a node's slot its value. What renders around missing data catches here, and ends with `end`. */
  protected filling (_hole: Hole, _node: Node, _frame: Frame, emit: () => void, _end: string = ''): void {
    emit()
  }

  protected text (value: string): void {
    this.body.statics[this.body.statics.length - 1] += value
  }

  /** Compiles a body of its own. `emit` is given it open; what it emits stands after the array's declaration. */
  protected compileBody (position: SourcePosition, emit: (body: OpenBody) => void, index: number = this.table.reserve()): Shape {
    const outer = this.body
    const body: OpenBody = { array: this._tmpid(), index, declaredAt: this.codebuf.length, statics: [''], slots: [] }
    this._emitLine('')
    this.body = body
    emit(body)
    this.body = outer
    // Never sparse: what is not filled prints as nothing, and dense arrays are the fast ones.
    this.codebuf[body.declaredAt] = `var ${body.array} = [${body.slots.map(() => "''").join(', ')}];\n`
    return this.table.close(body, position)
  }

  /** A body whose tree becomes the value of the slot. The tree is placed before it is filled: async code fills it later. */
  protected compileInto (hole: Hole, position: SourcePosition, emit: () => void): Shape {
    return this.compileBody(position, (body) => {
      this._emitLine(`${hole.target} = ${this.tree(body)};`)
      this._withScopedSyntax(emit)
    })
  }

  protected tree (body: OpenBody): string {
    return `new Tree(S[${body.index}], ${body.array})`
  }

  // The callbacks of one function are closed together at its end. Each catches for itself: otherwise an error in what follows
  // an include would be caught, and its position given, by the included template.
  override _makeCallback (result?: string): string {
    const error = this._tmpid()
    // A template that a value names and no loader has: nunjucks does not say where.
    const told = this.compatible ? error : `fail(${error}, p)`
    return `function (${result ? `${error}, ${result}` : error}) {\nif (${error}) { cb(${told}); return; }\ntry {\n`
  }

  override _addScopeLevel (): void {
    this._scopeClosers += '\n} catch (e) { cb(fail(e, p)); }})'
  }

  protected compileFunction (node: Node, name: string, emit: () => void): Shape {
    this._scopeClosers = ''
    this._emitLine(`function ${name} (env, context, frame, _, cb) {`)
    this._emitLine(`var ${this.mark(node)};`)
    this._emitLine('try {')
    const shape = this.compileBody(this.at(node), emit)
    this._closeScopeLevels()
    this._emitLine('} catch (e) { cb(fail(e, p)); }\n}')
    return shape
  }

  protected done (): string {
    return `cb(null, ${this.tree(this.body)});`
  }

  /**
   * A body that becomes plain text, as in nunjucks: set blocks, filter blocks, the bodies of extensions. `emitEnd` stands
   * inside of the callbacks of the body, `emitAfter` behind them.
   */
  protected compileFlat (
    node: Node, position: SourcePosition, frame: Frame, emitEnd: (flat: string) => void, emitAfter: (flat: string) => void
  ): void {
    const shape = this.compileBody(position, (body) => {
      const flat = `runtime.flat(S[${body.index}], ${body.array})`
      this._withScopedSyntax(() => {
        this.compile(node, frame)
        emitEnd(flat)
      })
      emitAfter(flat)
    })
    this.captures.push(shape)
  }
}
