import { ExpressionCompiler } from './compiler-expressions.ts'
import type { Hole, OpenBody } from './bodies.ts'
import { slotSource } from './bodies.ts'
import { nodes } from './nunjucks.ts'
import type { Frame, Node } from './nunjucks.ts'
import type { Shape, SlotSource, SourcePosition } from './shape.ts'
import { childrenOf, contains } from './walk.ts'

/** The compile-time variable under which a fast loop's `loop` fields are known; no template name holds a space. */
const fastLoop = 'fast loop'

const loopFields: Readonly<Record<string, (index: string, length: string) => string>> = {
  index: (i) => `(${i} + 1)`,
  index0: (i) => i,
  revindex: (i, length) => `(${length} - ${i})`,
  revindex0: (i, length) => `(${length} - ${i} - 1)`,
  first: (i) => `(${i} === 0)`,
  last: (i, length) => `(${i} === ${length} - 1)`,
  length: (i, length) => length
}

/** Nodes that see or change the run-time frame, so that loop variables must stand in it. */
const needsFrame = new Set([
  'Include', 'Block', 'Super', 'Extends', 'Import', 'FromImport', 'Macro', 'Caller', 'Set', 'Capture', 'CallExtension', 'CallExtensionAsync',
  'FilterAsync', 'IfAsync', 'AsyncEach', 'AsyncAll'
])

/** The names of a loop's variables, and the JavaScript variable of each. */
type Variables = ReadonlyArray<readonly [name: string, variable: string]>

interface LoopBodies {
  readonly row: Shape
  readonly otherwise: Shape | null
}

/** Loops: for, asyncEach, asyncAll. */
export class LoopCompiler extends ExpressionCompiler {
  /** True when the template has a `call` anywhere: its body, called from a loop's body, sees that loop's frame. */
  protected hasCaller = false

  compileFor (node: Node, outer: Frame): void {
    const fast = this.#isFast(node)
    const frame = outer.push()
    const hole = this.hole()
    const position = this.at(node)
    let bodies!: LoopBodies
    if (!fast) this._emitLine('frame = frame.push();')
    this.filling(hole, node, frame, () => { bodies = this.#compileRows(node, frame, hole, fast) })
    this.fill(hole, loopSource(position, bodies))
    if (!fast) this._emitLine('frame = frame.pop();')
  }

  #compileRows (node: Node, frame: Frame, hole: Hole, fast: boolean): LoopBodies {
    const [i, length, items, rows] = [this._tmpid(), this._tmpid(), this._tmpid(), this._tmpid()]
    const index = this.table.reserve()
    let row!: Shape

    this._emit(`${this.mark(node)}; var ${items} = `)
    this._compileExpression(node['arr'], frame)
    this._emitLine(`;\nvar ${rows} = [], ${i}, ${length}; ${hole.target} = new List(S[${index}], ${rows});`)
    const pairs = node['name'] instanceof (nodes['Array'] as any)
    this._emitLine(`if (${items}) { ${items} = runtime.${pairs ? 'fromIterator' : 'rowsOf'}(${items});`)
    const body = (variables: Variables): void => {
      const inner = this.#bind(variables, frame, fast ? [i, length] : null)
      if (!fast) this._emitLine(`runtime.bindLoop(frame, ${i}, ${length});`)
      row = this.#compileRow(node, inner, index, (array) => `${rows}.push(${array});`)
    }
    const each = `for (${i} = 0; ${i} < ${items}.length; ${i}++) {`
    if (pairs) {
      const names: string[] = node['name'].children.map((child: Node) => child['value'])
      this._emitLine(`if (runtime.isArray(${items})) {\n${length} = ${items}.length;\n${each}`)
      // nunjucks, by mistake, does not put these into the frame: included templates do not see them.
      body(names.map((name, n) => {
        const variable = this._tmpid()
        this._emitLine(`var ${variable} = ${items}[${i}][${n}];`)
        return [name, variable]
      }))
      const [key, value] = [this._tmpid(), this._tmpid()]
      this._emitLine(`}} else {\n${i} = -1; ${length} = runtime.keys(${items}).length;`)
      // What is inherited is not the object's, but nunjucks shows it.
      const isOwn = this.compatible ? '' : `if (!Object.hasOwn(${items}, ${key})) continue; `
      this._emitLine(`for (var ${key} in ${items}) { ${isOwn}${i}++; var ${value} = ${items}[${key}];`)
      const pair: Variables = [[names[0] as string, key], [names[1] as string, value]]
      if (!fast) this.#setInFrame(pair)
      body(pair)
      this._emitLine('}}')
    } else {
      const variable = this._tmpid()
      this._emitLine(`${length} = ${items}.length;\n${each} var ${variable} = ${items}[${i}];`)
      if (!fast) this.#setInFrame([[node['name'].value, variable]])
      body([[node['name'].value, variable]])
      this._emitLine('}')
    }
    this._emitLine('}')
    return { row, otherwise: this.#compileElse(node, frame, hole.target, rows, length) }
  }

  compileAsyncEach (node: Node, frame: Frame): void {
    this.#compileAsyncLoop(node, frame, 'asyncEach')
  }

  compileAsyncAll (node: Node, frame: Frame): void {
    this.#compileAsyncLoop(node, frame, 'asyncAll')
  }

  #compileAsyncLoop (node: Node, outer: Frame, method: string): void {
    const [i, length, items, rows] = [this._tmpid(), this._tmpid(), this._tmpid(), this._tmpid()]
    const frame = outer.push()
    const hole = this.hole()
    const position = this.at(node)
    const index = this.table.reserve()
    const names: string[] = (node['name']['children'] ?? [node['name']]).map((child: Node) => child['value'])
    const variables: Variables = names.map((name) => [name, this._tmpid()])

    this._emitLine(`frame = frame.push(); ${this.mark(node)};`)
    this._emit(`var ${items} = `)
    this.compileItems(node, frame)
    this._emitLine(`;\nvar ${rows} = []; ${hole.target} = new List(S[${index}], ${rows});`)
    this._emitLine(`runtime.${method}(${items}, ${names.length}, function (${variables.map(([, v]) => v).join(', ')}, ${i}, ${length}, next) {`)
    this.#setInFrame(variables)
    this._emitLine(`runtime.bindLoop(frame, ${i}, ${length});`)
    const row = this.#compileRow(node, this.#bind(variables, frame, null), index, (array) => `${rows}[${i}] = ${array};`, `next(${i}, '');`)
    this._emitLine(`}, ${this._makeCallback(this._tmpid())}`)
    this._addScopeLevel()
    const otherwise = this.#compileElse(node, frame, hole.target, rows, this.lengthOf(items))
    this.compileAfterItems(hole, node, frame, items)
    this.fill(hole, loopSource(position, { row, otherwise }))
    this._emitLine('frame = frame.pop();')
  }

  /** The list of an asynchronous loop. Code that stands behind it is in a callback, so nothing around both can catch. */
  protected compileItems (node: Node, frame: Frame): void {
    this._emit('runtime.fromIterator(')
    this._compileExpression(node['arr'], frame)
    this._emit(')')
  }

  protected lengthOf (items: string): string {
    return `${items}.length`
  }

  /** At the end of an asynchronous loop. */
  protected compileAfterItems (_hole: Hole, _node: Node, _frame: Frame, _items: string): void {}

  #setInFrame (variables: Variables): void {
    for (const [name, variable] of variables) this._emitLine(`frame.set(${JSON.stringify(name)}, ${variable});`)
  }

  #bind (variables: Variables, frame: Frame, fast: readonly [string, string] | null): Frame {
    for (const [name, variable] of variables) frame.set(name, variable)
    if (!fast) return frame
    const inner = frame.push()
    inner.set(fastLoop, fast)
    return inner
  }

  #compileRow (node: Node, frame: Frame, index: number, add: (array: string) => string, end: string = ''): Shape {
    return this.compileBody(this.at(node), (body: OpenBody) => {
      this._emitLine(add(body.array))
      this._withScopedSyntax(() => {
        this.compile(node['body'], frame)
        this._emitLine(end)
      })
    }, index)
  }

  #compileElse (node: Node, frame: Frame, target: string, rows: string, length: string): Shape | null {
    if (!node['else_']) return null
    this._emitLine(`if (!${length}) {`)
    const shape = this.compileBody(this.at(node), (body) => {
      this._withScopedSyntax(() => {
        this.compile(node['else_'], frame)
        this._emitLine(`${target} = runtime.both(${target}, ${this.tree(body)});`)
      })
    })
    this._emitLine('}')
    return shape
  }

  // Keeping the loop's variables out of the frame makes loops twice as fast.
  #isFast (node: Node): boolean {
    const pairs = node['name'] instanceof (nodes['Array'] as any)
    const otherwise: Node | null = node['else_']
    // Over an object with inherited keys only, both the rows and the else body run, and the latter sees the rows' `loop`.
    if (pairs && otherwise && contains(otherwise, (child) => child.typename === 'Symbol' && child['value'] === 'loop')) return false
    return [node['name'], node['body'], ...(otherwise ? [otherwise] : [])].every((child) => this.#keepsOutOfFrame(child))
  }

  #keepsOutOfFrame (node: Node): boolean {
    if (needsFrame.has(node.typename) || (node.typename === 'FunCall' && this.hasCaller)) return false
    if (node.typename === 'Symbol') return node['value'] !== 'loop'
    if (isLoopField(node)) return true
    if (node.typename === 'For' && !this.#isFast(node)) return false
    return childrenOf(node).every((child) => this.#keepsOutOfFrame(child))
  }

  override compileLookupVal (node: Node, frame: Frame): void {
    const fast = isLoopField(node) ? frame.lookup(fastLoop) : undefined
    if (!fast) return super.compileLookupVal(node, frame)
    this._emit((loopFields[node['val'].value] as (index: string, length: string) => string)(fast[0], fast[1]))
  }
}

/** `loop.index` and the like. */
function isLoopField (node: Node): boolean {
  return node.typename === 'LookupVal' && node['target'].typename === 'Symbol' && node['target'].value === 'loop' &&
    node['val'].typename === 'Literal' && Object.hasOwn(loopFields, String(node['val'].value))
}

function loopSource (position: SourcePosition, { row, otherwise }: LoopBodies): SlotSource {
  return slotSource('loop', position, { bodies: otherwise ? [row, otherwise] : [row], row, optional: !otherwise })
}
