import { ExtensionCompiler } from './compiler-extensions.ts'
import { givesJson } from './gives-json.ts'
import { slotSource } from './bodies.ts'
import { Frame } from './nunjucks.ts'
import type { Node } from './nunjucks.ts'
import { resolveName } from './resolve-name.ts'
import type { Shape } from './shape.ts'
import type { TemplateEnvironment } from './template-environment.ts'
import { contains, walk } from './walk.ts'

/** Compiles a template to `root` and `b_name` functions with nunjucks' signature, which give their callback a Tree. */
export class TreeCompiler extends ExtensionCompiler {
  root: Shape | null = null

  compileRoot (node: Node): void {
    this.hasCaller = contains(node, (child) => child.typename === 'Caller')
    const names = new Set<string>()
    const blocks: Node[] = []
    walk(node, (child) => {
      if (child.typename !== 'Block') return
      const name: string = child['name'].value
      if (names.has(name)) this.fail(`Block "${name}" defined more than once.`, child.lineno, child.colno)
      names.add(name)
      blocks.push(child)
    })
    this.root = this.compileFunction(node, 'root', () => {
      this._emitLine('var parentTemplate = null;')
      this._compileChildren(node, new Frame())
      this._emitLine('if (parentTemplate) parentTemplate.rootRenderFunc(env, context, frame, runtime, cb);')
      this._emitLine(`else ${this.done()}`)
    })
    this.inBlock = true
    for (const block of blocks) {
      this.blocks.set(block['name'].value, this.compileFunction(block, `b_${block['name'].value}`, () => {
        this._emitLine('var frame = frame.push(true);')
        this.compile(block['body'], new Frame())
        this._emitLine(this.done())
      }))
    }
    this._emitLine(`return { ${[...names].map((name) => `b_${name}: b_${name}, `).join('')}root: root };`)
  }

  compileOutput (node: Node, frame: Frame): void {
    for (const child of node['children'] as Node[]) {
      if (child.typename === 'TemplateData') {
        this.text(child['value'])
        continue
      }
      const hole = this.hole()
      const position = this.at(node)
      const captured = this.captures.length
      this.filling(hole, node, frame, () => {
        this._emit(`${this.mark(node)}; ${hole.target} = runtime.print(`)
        if (this.throwOnUndefined) this._emit('runtime.ensureDefined(')
        this.compilePrinted(child, frame)
        if (this.throwOnUndefined) this._emit(`, ${node.lineno}, ${node.colno})`)
        this._emit(`, ${this.autoescape}`)
        if (!this.compatible && !isScalar(child)) this._emit(`, context, S[${hole.body.index}], ${hole.slot}`)
        this._emitLine(');')
      })
      const bodies = this.captures.slice(captured)
      const isOwn = (filter: string): boolean => (this.env as TemplateEnvironment).customFilters.has(filter)
      const json = givesJson(child, isOwn) ? { json: true } as const : {}
      const source = slotSource(bodies.length > 0 ? 'flat' : 'output', position, { bodies, ...json })
      this.expressions.set(source, child)
      this.fill(hole, source)
    }
  }

  compileBlock (node: Node): void {
    const hole = this.hole()
    const name: string = node['name'].value
    const result = this._tmpid()
    this.fill(hole, slotSource('block', this.at(node), { names: [name] }))
    const block = `context.getBlock(${JSON.stringify(name)})`
    // A top-level block of a child template runs only where its parent shows it.
    this._emitLine(`${this.mark(node)}; (${this.inBlock ? block : `parentTemplate ? runtime.discard : ${block}`})(env, context, frame, runtime, `)
    this._emitLine(`${this._makeCallback(result)}${hole.target} = runtime.taken(${result});`)
    this._addScopeLevel()
  }

  compileSuper (node: Node, frame: Frame): void {
    const name: string = node['blockName'].value
    const symbol: string = node['symbol'].value
    this._emitLine(`context.getSuper(env, ${JSON.stringify(name)}, b_${name}, frame, runtime, ${this._makeCallback(symbol)}`)
    this._emitLine(`${symbol} = runtime.taken(${symbol});`)
    this._addScopeLevel()
    this.supers.add(symbol)
    frame.set(symbol, symbol)
  }

  /** The templates that an include, extends or import names in writing; relative names as the loaders resolve them. */
  namesOf (node: Node): string[] | null {
    return literalNames(node['template'])?.map((name) => resolveName(this.env, this.path, name)) ?? null
  }

  compileInclude (node: Node, frame: Frame): void {
    const hole = this.hole()
    const result = this._tmpid()
    const names = this.namesOf(node)
    this.fill(hole, slotSource('include', this.at(node), { names, optional: Boolean(node['ignoreMissing']) }))
    this._emitLine(`${this.mark(node)};`)
    this.compileIncluded(node, frame, result)
    this._emitLine(`${hole.target} = runtime.taken(${result});`)
    this._addScopeLevel()
  }

  /** Up to the callback that is given what the template renders to, left open. */
  protected compileIncluded (node: Node, frame: Frame, result: string): void {
    const template = this._compileGetTemplate(node, frame, false, Boolean(node['ignoreMissing']))
    this._addScopeLevel()
    this._emitLine(`runtime.include(${template}, context, frame, ${this._makeCallback(result)}`)
  }

  override compileImport (node: Node, frame: Frame): void {
    this._emitLine(`${this.mark(node)};`)
    const name: string = node['target'].value
    const exported = this.compileExported(node, frame)
    frame.set(name, exported)
    this._emitLine(`${frame.parent ? 'frame.set' : 'context.setVariable'}(${JSON.stringify(name)}, ${exported});`)
  }

  compileFromImport (node: Node, frame: Frame): void {
    this._emitLine(`${this.mark(node)};`)
    const exported = this.compileExported(node, frame)
    for (const item of node['names'].children as Node[]) {
      const name: string = item.typename === 'Pair' ? item['key'].value : item['value']
      const alias: string = item.typename === 'Pair' ? item['value'].value : item['value']
      const variable = this._tmpid()
      const [quotedName, quotedAlias] = [JSON.stringify(name), JSON.stringify(alias)]
      this.compileImported(variable, exported, quotedName)
      frame.set(alias, variable)
      this._emitLine(`${frame.parent ? 'frame.set' : 'context.setVariable'}(${quotedAlias}, ${variable});`)
    }
  }

  /** What a template exports, in the variable whose name it gives; in a callback that is left open. */
  protected compileExported (node: Node, frame: Frame): string {
    const exported = this._compileGetTemplate(node, frame, false, false)
    this._addScopeLevel()
    const given = node['withContext'] ? 'context.getVariables(), frame' : 'null, null'
    this._emitLine(`runtime.exported(${exported}, ${given}, context, ${this._makeCallback(exported)}`)
    this._addScopeLevel()
    return exported
  }

  protected compileImported (variable: string, exported: string, name: string): void {
    this._emitLine(`if (!Object.prototype.hasOwnProperty.call(${exported}, ${name})) throw new Error("cannot import '" + ${name} + "'");`)
    this._emitLine(`var ${variable} = ${exported}[${name}];`)
  }

  override _compileGetTemplate (node: Node, frame: Frame, eager: boolean, ignoreMissing: boolean): string {
    const template = this._tmpid()
    this._emit('env.getTemplate(')
    this.compileName(node, frame)
    this._emitLine(`, ${eager}, ${this._templateName()}, ${ignoreMissing}, ${this._makeCallback(template)}`)
    return template
  }

  /** The name of a template; one that is not written out has to be among those that may stand there. */
  protected compileName (node: Node, frame: Frame): void {
    const isOpen = !this.compatible && this.namesOf(node) === null
    if (isOpen) this._emit('runtime.admitted(')
    this._compileExpression(node['template'], frame)
    if (isOpen) this._emit(`, ${this._templateName()}, context)`)
  }

  override compileExtends (node: Node, frame: Frame): void {
    this._emitLine(`${this.mark(node)};`)
    super.compileExtends(node, frame)
  }

  /** Called by nunjucks' compileMacro and compileCaller; the latter keep the frame they stand in. */
  _compileMacro (node: Node, frame?: Frame): string {
    const macro = `macro_${this._tmpid()}`
    const last: Node | undefined = node['args'].children.at(-1)
    const defaults: Node[] = last?.typename === 'Dict' || last?.typename === 'KeywordArgs' ? last['children'] : []
    const names: string[] = node['args'].children.filter((arg: Node) => arg.typename === 'Symbol').map((arg: Node) => arg['value'])
    const inner = frame ? frame.push(true) : new Frame()
    const quoted = JSON.stringify(names)
    const keywords = JSON.stringify(defaults.map((pair) => pair['key'].value))

    this._emitLine(`var ${macro} = runtime.makeMacro(${quoted}, ${keywords}, function (${[...names.map((name) => `l_${name}`), 'kwargs'].join(', ')}) {`)
    this._emitLine(`var ${this.mark(node)};\ntry {\nvar callerFrame = frame;`)
    this._emitLine(`frame = ${frame ? 'frame.push(true)' : 'new runtime.Frame()'};\nkwargs = kwargs || {};`)
    this._emitLine('if (Object.prototype.hasOwnProperty.call(kwargs, "caller")) frame.set("caller", kwargs.caller);')
    for (const name of names) {
      this._emitLine(`frame.set(${JSON.stringify(name)}, l_${name});`)
      inner.set(name, `l_${name}`)
    }
    for (const pair of defaults) {
      const name = JSON.stringify(pair['key'].value)
      this._emit(`frame.set(${name}, Object.prototype.hasOwnProperty.call(kwargs, ${name}) ? kwargs[${name}] : `)
      this._compileExpression(pair['value'], inner)
      this._emitLine(');')
    }
    this.macros.push(this.compileBody(this.at(node), (body) => {
      this._withScopedSyntax(() => this.compile(node['body'], inner))
      this._emitLine(`frame = ${frame ? 'frame.pop()' : 'callerFrame'};\nreturn ${this.tree(body)};`)
    }))
    // A macro runs in the callers' try blocks, which would give their own position.
    this._emitLine('} catch (e) { frame = callerFrame; throw fail(e, p); }\n});')
    return macro
  }
}

/** What gives texts, numbers and truth only, in which no tree can be. */
const SCALARS: ReadonlySet<string> = new Set([
  'Literal', 'Not', 'In', 'Is', 'Compare', 'Add', 'Concat', 'Sub', 'Mul', 'Div', 'FloorDiv', 'Mod', 'Pow', 'Neg', 'Pos'
])

function isScalar (node: Node): boolean {
  return SCALARS.has(node.typename)
}

/** The template names that an expression can give, when they are written out: a string, or an inline if between strings. */
function literalNames (node: Node): string[] | null {
  switch (node.typename) {
    case 'Literal': return typeof node['value'] === 'string' ? [node['value']] : null
    case 'Group': return node['children'].length === 1 ? literalNames(node['children'][0]) : null
    case 'InlineIf': {
      const [body, otherwise] = [literalNames(node['body']), node['else_'] ? literalNames(node['else_']) : null]
      return body && otherwise ? [...new Set([...body, ...otherwise])] : null
    }
    default: return null
  }
}
