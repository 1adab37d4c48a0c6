import { LoopCompiler } from './compiler-loops.ts'
import type { Hole } from './bodies.ts'
import { slotSource } from './bodies.ts'
import type { Frame, Node } from './nunjucks.ts'
import type { Shape } from './shape.ts'

/** Branches: if, ifAsync, switch. All that one of them can give fills one slot. */
export class BranchCompiler extends LoopCompiler {
  compileIf (node: Node, frame: Frame): void {
    const hole = this.hole()
    const position = this.at(node)
    const bodies: Shape[] = []
    let optional = false
    this.filling(hole, node, frame, () => { optional = this.#compileBranches(node, frame, hole, bodies, '') })
    this.fill(hole, slotSource('branch', position, { bodies, optional }))
  }

  compileIfAsync (node: Node, frame: Frame): void {
    const hole = this.hole()
    const position = this.at(node)
    const bodies: Shape[] = []
    this._emitLine('(function (cb) {')
    let optional = false
    this.filling(hole, node, frame, () => { optional = this.#compileBranches(node, frame, hole, bodies, 'cb();') }, 'cb();')
    this.fill(hole, slotSource('branch', position, { bodies, optional }))
    this._emitLine(`})(${this._makeCallback()}`)
    this._addScopeLevel()
  }

  /** All branches of if/elif/else fill one slot. True when none of them may be taken. */
  #compileBranches (node: Node, frame: Frame, hole: Hole, bodies: Shape[], end: string): boolean {
    const otherwise: Node | null = node['else_']
    this._emit(`${this.mark(node)}; if (`)
    this._compileExpression(node['cond'], frame)
    this._emitLine(') {')
    const branch = (body: Node): void => {
      bodies.push(this.compileInto(hole, this.at(node), () => {
        this.compile(body, frame)
        this._emitLine(end)
      }))
    }
    branch(node['body'])
    this._emitLine('} else {')
    let optional = !otherwise
    if (otherwise?.typename === 'If') optional = this.#compileBranches(otherwise, frame, hole, bodies, end)
    else if (otherwise) branch(otherwise)
    else this._emitLine(end)
    this._emitLine('}')
    return optional
  }

  compileSwitch (node: Node, frame: Frame): void {
    const hole = this.hole()
    const position = this.at(node)
    const bodies: Shape[] = []
    const branch = (body: Node): void => {
      bodies.push(this.compileInto(hole, position, () => this.compile(body, frame)))
    }
    this.filling(hole, node, frame, () => {
      this._emit(`${this.mark(node)}; switch (`)
      this.compile(node['expr'], frame)
      this._emitLine(') {')
      for (const item of node['cases'] as Node[]) {
        this._emit('case ')
        this.compile(item['cond'], frame)
        this._emitLine(':')
        // An empty case falls through to the next, as in nunjucks.
        if (item['body'].children.length === 0) continue
        branch(item['body'])
        this._emitLine('break;')
      }
      if (node['default']) {
        this._emitLine('default:')
        branch(node['default'])
      }
      this._emitLine('}')
    })
    this.fill(hole, slotSource('branch', position, { bodies, optional: !node['default'] }))
  }
}
