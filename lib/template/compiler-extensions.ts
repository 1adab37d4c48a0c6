import { BranchCompiler } from './compiler-branches.ts'
import type { Hole } from './bodies.ts'
import { slotSource } from './bodies.ts'
import type { Frame, Node } from './nunjucks.ts'
import type { Shape, SourcePosition } from './shape.ts'
import type { TemplateEnvironment } from './template-environment.ts'

/** What makes text of a body: set and filter blocks, custom tags. */
export class ExtensionCompiler extends BranchCompiler {
  /** Bodies of tags that answer with HTML: what they are given has to be HTML that is safe between tags. */
  readonly htmlBodies: Shape[] = []

  compileCapture (node: Node, frame: Frame): void {
    this._emitLine('(function () {')
    this.compileFlat(node['body'], this.at(node), frame, () => {}, (flat) => this._emitLine(`return ${flat};`))
    this._emit('})()')
  }

  compileCallExtension (node: Node, frame: Frame): void {
    const hole = this.hole()
    this.filling(hole, node, frame, () => {
      this.#compileExtension(node, frame, hole, () => this._emit(`${hole.target} = runtime.print(`), (escaped) => {
        this._emitLine(`), ${escaped});`)
      })
    })
  }

  compileCallExtensionAsync (node: Node, frame: Frame): void {
    const hole = this.hole()
    const { before, after } = this.asyncTag
    this.#compileExtension(node, frame, hole, () => this._emit(before), (escaped) => {
      const result = this._tmpid()
      this._emitLine(`${after}, ${this._makeCallback(result)}${hole.target} = runtime.print(${result}, ${escaped});`)
      this._addScopeLevel()
    })
  }

  /** What stands around the call of an asynchronous tag; its callback comes behind. */
  protected get asyncTag (): { readonly before: string, readonly after: string } {
    return { before: '', after: '' }
  }

  #compileExtension (
    node: Node, frame: Frame, hole: Hole, emitBegin: () => void, emitEnd: (escaped: string) => void
  ): void {
    const position = this.at(node)
    const captured = this.captures.length
    this._emitLine(`${this.mark(node)};`)
    emitBegin()
    this._emit(`env.getExtension(${JSON.stringify(node['extName'])})[${JSON.stringify(node['prop'])}](runtime.contextFor(context, ${JSON.stringify(node['extName'])})`)
    if (node['args'].typename !== 'NodeList') this.fail('compileCallExtension: arguments must be a NodeList, use `parser.parseSignature`')
    for (const argument of node['args'].children as Node[]) {
      this._emit(', ')
      this._compileExpression(argument, frame)
    }
    for (const content of node['contentArgs'] as Array<Node | null>) {
      this._emit(', ')
      if (content) {
        this.#compileContent(content, position, frame)
        if (!this.compatible && !this.#escapes(node)) this.htmlBodies.push(this.captures.at(-1) as Shape)
      } else this._emit('null')
    }
    emitEnd(this.#escapes(node) ? this.autoescape : 'false')
    this.fill(hole, slotSource('flat', position, { bodies: this.captures.slice(captured) }))
  }

  /** Whether what a tag answers is text. That it is HTML is for the application to say where it adds the tag. */
  #escapes (node: Node): boolean {
    if (this.compatible) return node['autoescape'] !== false
    return !(this.env as TemplateEnvironment).declaredHtml.tags.has(node['extName'])
  }

  /** The function by which an extension gets the text of its body, returned and given to its callback. */
  #compileContent (content: Node, position: SourcePosition, frame: Frame): void {
    const text = this._tmpid()
    this._emitLine(`function (cb) {\nvar ${text};`)
    this._emitLine('if (!cb) { cb = function (e) { if (e) throw e; }; }')
    this.compileFlat(content, position, frame, (flat) => this._emitLine(`cb(null, ${text} = ${flat});`), () => this._emitLine(`return ${text};\n}`))
  }
}
