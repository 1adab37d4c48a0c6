import { BodyCompiler } from './compiler-bodies.ts'
import type { Frame, Node } from './nunjucks.ts'

/** How a node of an expression names what it calls; quoted as a whole by those who emit it. */
function nameOf (node: Node): string {
  switch (node.typename) {
    case 'Symbol': return node['value']
    case 'FunCall': return `the return value of (${nameOf(node['name'])})`
    case 'LookupVal': return `${nameOf(node['target'])}["${nameOf(node['val'])}"]`
    case 'Literal': return String(node['value'])
    default: return '--expression--'
  }
}

/** The expressions whose code differs: positions for errors, names that cannot leave their quotes, calls that give structure. */
export class ExpressionCompiler extends BodyCompiler {
  /** The symbols that hold what super() gave. */
  protected readonly supers: Set<string> = new Set()

  /** An expression that is printed as it is: calls of macros keep their tree. */
  protected compilePrinted (node: Node, frame: Frame): void {
    switch (node.typename) {
      case 'FunCall': return this.#compileCall('callTree', node, frame)
      case 'Symbol': return this.supers.has(node['value']) ? super.compileSymbol(node, frame) : this.compile(node, frame)
      case 'InlineIf':
        this._emit('(')
        this.compile(node['cond'], frame)
        this._emit(' ? ')
        this.compilePrinted(node['body'], frame)
        this._emit(' : ')
        if (node['else_']) this.compilePrinted(node['else_'], frame)
        else this._emit('""')
        return this._emit(')')
      case 'Group':
        if (node['children'].length !== 1) return this.compile(node, frame)
        this._emit('(')
        this.compilePrinted(node['children'][0], frame)
        return this._emit(')')
      case 'Filter':
        if (node['name'].value !== 'safe' || node['args'].children.length !== 1) return this.compile(node, frame)
        this._emit(`(${this.mark(node)}, runtime.keepTree(`)
        this.compilePrinted(node['args'].children[0], frame)
        return this._emit(', context))')
      default: return this.compile(node, frame)
    }
  }

  override compileSymbol (node: Node, frame: Frame): void {
    if (!this.supers.has(node['value'])) return super.compileSymbol(node, frame)
    this._emit('runtime.safe(')
    super.compileSymbol(node, frame)
    this._emit(')')
  }

  compileFunCall (node: Node, frame: Frame): void {
    this.#compileCall('callWrap', node, frame)
  }

  #compileCall (call: string, node: Node, frame: Frame): void {
    this._emit(`(${this.mark(node)}, runtime.${call}(`)
    this._compileExpression(node['name'], frame)
    this._emit(`, ${JSON.stringify(nameOf(node['name']))}, context, `)
    this._compileAggregate(node['args'], frame, '[', ']))')
  }

  override compileFilter (node: Node, frame: Frame): void {
    this._emit(`(${this.mark(node)}, env.getFilter(${JSON.stringify(node['name'].value)}).call(context, `)
    this._compileAggregate(node['args'], frame)
    this._emit('))')
  }

  override compileFilterAsync (node: Node, frame: Frame): void {
    const symbol: string = node['symbol'].value
    frame.set(symbol, symbol)
    this._emit(`${this.mark(node)}; env.getFilter(${JSON.stringify(node['name'].value)}).call(context, `)
    this._compileAggregate(node['args'], frame)
    this._emitLine(`, ${this._makeCallback(symbol)}`)
    this._addScopeLevel()
  }

  // A test's name may be any literal in nunjucks, put between quotes as it is: `1 is 'even").call(...'` was code.
  compileIs (node: Node, frame: Frame): void {
    const right: Node = node['right']
    const name = right['name'] ? right['name'].value : right['value']
    this._emit(`env.getTest(${JSON.stringify(String(name))}).call(context, `)
    this.compile(node['left'], frame)
    if (right['args']) {
      this._emit(',')
      this.compile(right['args'], frame)
    }
    this._emit(') === true')
  }
}
