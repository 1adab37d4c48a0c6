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

/** What gives numbers, texts or truth already, or stands as a text that its neighbours are part of: `1 ~ 2 + 3` is `123`. */
const CONVERTED: ReadonlySet<string> = new Set([
  'Literal', 'Add', 'Concat', 'Sub', 'Mul', 'Div', 'FloorDiv', 'Mod', 'Pow', 'Neg', 'Pos', 'Not', 'In', 'Is', 'Compare', 'And', 'Or'
])

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

  /** What an operator converts: objects of data may be of a kind that cannot be. */
  #operand (node: Node, frame: Frame): void {
    const converts = !this.compatible && !CONVERTED.has(node.typename)
    if (converts) this._emit('runtime.ordinary(')
    this.compile(node, frame)
    if (converts) this._emit(')')
  }

  override _binOpEmitter (node: Node, frame: Frame, operator: string): void {
    // These give an operand as it is.
    if (operator === ' || ' || operator === ' && ') return super._binOpEmitter(node, frame, operator)
    this.#operand(node['left'], frame)
    this._emit(operator)
    this.#operand(node['right'], frame)
  }

  override compileFloorDiv (node: Node, frame: Frame): void {
    this._emit('Math.floor(')
    this._binOpEmitter(node, frame, ' / ')
    this._emit(')')
  }

  override compilePow (node: Node, frame: Frame): void {
    this._emit('Math.pow(')
    this._binOpEmitter(node, frame, ', ')
    this._emit(')')
  }

  override compileNeg (node: Node, frame: Frame): void {
    this._emit('-')
    this.#operand(node['target'], frame)
  }

  override compilePos (node: Node, frame: Frame): void {
    this._emit('+')
    this.#operand(node['target'], frame)
  }

  override compileCompare (node: Node, frame: Frame): void {
    const operators: ReadonlyArray<{ readonly type: string, readonly expr: Node }> = node['ops']
    const isStrict = operators.every(({ type }) => type === '===' || type === '!==')
    const emit = (operand: Node): void => isStrict ? this.compile(operand, frame) : this.#operand(operand, frame)
    emit(node['expr'])
    for (const { type, expr } of operators) {
      this._emit(` ${type} `)
      emit(expr)
    }
  }

  // In JavaScript `{"__proto__": x}` is no key: all that x has would count as the object's own.
  override compilePair (node: Node, frame: Frame): void {
    if (this.compatible || node['key'].value !== '__proto__') return super.compilePair(node, frame)
    this._emit('["__proto__"]: ')
    this._compileExpression(node['value'], frame)
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
