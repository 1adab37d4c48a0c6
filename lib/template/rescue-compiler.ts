import type { Hole } from './bodies.ts'
import { TreeCompiler } from './compiler.ts'
import type { Frame, Node } from './nunjucks.ts'
import { childrenOf, contains } from './walk.ts'

/**
 * The same bodies as TreeCompiler's, in code that goes on where data is missing: each slot catches for itself. Statements
 * that fill no slot (set, import, async filters) hand the placeholder on to the name that they bind.
 */
export class RescueCompiler extends TreeCompiler {
  /** Values of `set`, whose touch of missing data becomes the name's value. */
  readonly #attempted = new WeakSet<Node>()

  protected override filling (hole: Hole, node: Node, frame: Frame, emit: () => void, end: string = ''): void {
    const [outer, error] = [this._tmpid(), this._tmpid()]
    this._emitLine(`var ${outer} = frame;`)
    const goOn = end === '' ? '' : this.#once(error)
    this._emitLine('try {')
    emit()
    const decides = contains(node, (child) => child.typename === 'Extends')
    const caught = decides ? `runtime.undecided(${error})` : error
    this._emitLine(`} catch (${error}) { ${goOn}frame = ${outer}; ${hole.target} = runtime.gap(${caught}); ${this.#bindMissing(hole, node, frame)}${end} }`)
  }

  /** Where the code behind a slot stands in a callback, what that throws comes back through here, and is not the slot's. */
  #once (error: string): string {
    const [called, next] = [this._tmpid(), this._tmpid()]
    this._emitLine(`var ${called} = false, ${next} = cb; cb = (error) => { ${called} = true; ${next}(error); };`)
    return `if (${called}) throw ${error}; `
  }

  /** What the bodies of a node would have bound is missing with them: it may be read, or called, behind them. */
  #bindMissing (hole: Hole, node: Node, frame: Frame): string {
    const names = [...boundIn(node)]
    const variables = names.map((name) => frame.lookup(name)).filter((variable) => typeof variable === 'string')
    const assignments = variables.map((variable) => `${variable} = `).join('')
    return names.length === 0 ? '' : `${assignments}runtime.bindMissing(${JSON.stringify(names)}, ${hole.target}, frame, context); `
  }

  override compile (node: Node, frame?: Frame): void {
    if (!this.#attempted.delete(node)) return super.compile(node, frame)
    this._emit('runtime.attempt(() => (')
    super.compile(node, frame)
    this._emit('))')
  }

  override compileSet (node: Node, frame: Frame): void {
    this.#attempted.add(node['value'] ?? node['body'])
    super.compileSet(node, frame)
  }

  // Names that the compiler knows are plain variables: placeholders reach them by set, import and async filters.
  override compileSymbol (node: Node, frame: Frame): void {
    if (!frame.lookup(node['value'])) return super.compileSymbol(node, frame)
    this._emit('runtime.known(')
    super.compileSymbol(node, frame)
    this._emit(')')
  }

  override compileFilterAsync (node: Node, frame: Frame): void {
    const symbol: string = node['symbol'].value
    frame.set(symbol, symbol)
    this._emit(`${this.mark(node)}; runtime.attemptLater((done) => env.getFilter(${JSON.stringify(node['name'].value)}).call(context, `)
    this._compileAggregate(node['args'], frame)
    this._emitLine(`, done), runtime.placeholder, ${this._makeCallback(symbol)}`)
    this._addScopeLevel()
  }

  protected override get asyncTag (): { readonly before: string, readonly after: string } {
    return { before: 'runtime.attemptLater((done) => ', after: ', done), runtime.gap' }
  }

  protected override compileItems (node: Node, frame: Frame): void {
    this._emit('runtime.attemptItems(() => ')
    super.compileItems(node, frame)
    this._emit(')')
  }

  protected override lengthOf (items: string): string {
    return `(runtime.gapOf(${items}) || ${items}.length)`
  }

  protected override compileAfterItems (hole: Hole, node: Node, frame: Frame, items: string): void {
    this._emitLine(`if (runtime.gapOf(${items})) { ${hole.target} = runtime.gapOf(${items}); ${this.#bindMissing(hole, node, frame)}}`)
  }

  protected override compileIncluded (node: Node, frame: Frame, result: string): void {
    this._emit('runtime.attemptLater((done) => ')
    this.#find('find', node, frame, Boolean(node['ignoreMissing']))
    this._emitLine(`done, (found) => runtime.include(found, context, frame, done)), runtime.gap, ${this._makeCallback(result)}`)
  }

  protected override compileExported (node: Node, frame: Frame): string {
    const exported = this._tmpid()
    const given = node['withContext'] ? 'context.getVariables(), frame' : 'null, null'
    this._emit('runtime.attemptLater((done) => ')
    this.#find('find', node, frame, false)
    this._emitLine(`done, (found) => runtime.exported(found, ${given}, context, done)), runtime.placeholder, ${this._makeCallback(exported)}`)
    this._addScopeLevel()
    return exported
  }

  protected override compileImported (variable: string, exported: string, name: string): void {
    this._emitLine(`var ${variable} = runtime.imported(${exported}, ${name});`)
  }

  /** For extends. */
  override _compileGetTemplate (node: Node, frame: Frame): string {
    const parent = this._tmpid()
    this.#find('findParent', node, frame, false)
    this._emitLine(this._makeCallback(parent))
    return parent
  }

  #find (method: string, node: Node, frame: Frame, ignoreMissing: boolean): void {
    this._emit(`runtime.${method}(env, () => (`)
    this.compileName(node, frame)
    this._emit(`), ${this._templateName()}, ${ignoreMissing}, `)
  }
}

/** The names that statements below a node bind where the node stands; a macro's own are its own. */
function boundIn (node: Node): Set<string> {
  const names = new Set<string>()
  const visit = (child: Node): void => {
    switch (child.typename) {
      case 'Set':
        for (const target of child['targets'] as Node[]) names.add(target['value'])
        break
      case 'Import':
        names.add(child['target'].value)
        break
      case 'FromImport':
        for (const item of child['names'].children as Node[]) names.add(item.typename === 'Pair' ? item['value'].value : item['value'])
        break
      case 'Macro':
        names.add(child['name'].value)
        return
      case 'Caller': return
    }
    childrenOf(child).forEach(visit)
  }
  childrenOf(node).forEach(visit)
  return names
}
