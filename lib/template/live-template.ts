import { compileTemplate } from './compile-template.ts'
import type { CompiledTemplate, TemplateReference } from './compile-template.ts'
import { candidatesOf, setCandidates } from './candidates.ts'
import { renderError, syntaxError } from './errors.ts'
import { Context, Frame, Template, parse, prettifyError } from './nunjucks.ts'
import type { Node, RenderCallback } from './nunjucks.ts'
import { runtime } from './runtime.ts'
import type { Shape, SlotSource } from './shape.ts'
import type { TemplateEnvironment } from './template-environment.ts'
import { Html, Tree } from './tree.ts'

const empty: readonly never[] = Object.freeze([])

/** A nunjucks Template whose functions give trees; its public methods give the same text as nunjucks'. */
export class LiveTemplate extends Template {
  // Declared only: the base constructor already runs init, and initialisers would run after it.
  declare env: TemplateEnvironment
  /** The name it was asked for by, which errors and shape ids carry. */
  declare name: string
  declare compilation: CompiledTemplate | null

  override init (source: any, env: any, path?: string, eager?: boolean, name: string = path ?? '<string>'): void {
    this.name = name
    this.compilation = null
    super.init(source, env, path, eager)
  }

  /** The body of the template itself. Null for one that was compiled elsewhere. */
  get root (): Shape | null {
    return this.compilation?.root ?? null
  }

  get blockShapes (): ReadonlyMap<string, Shape> {
    return this.compilation?.blocks ?? new Map()
  }

  /** The bodies of macros and of `call` blocks. */
  get macros (): readonly Shape[] {
    return this.compilation?.macros ?? empty
  }

  /** The bodies that become plain text: set blocks, filter blocks, bodies of custom tags. */
  get captures (): readonly Shape[] {
    return this.compilation?.captures ?? empty
  }

  /** The bodies of tags that answer with HTML, which stand between tags wherever the tag puts them. */
  get htmlBodies (): readonly Shape[] {
    return this.compilation?.htmlBodies ?? empty
  }

  get shapes (): readonly Shape[] {
    return this.compilation?.shapes ?? empty
  }

  /** The expression behind each output slot, as a syntax tree. */
  get expressions (): ReadonlyMap<SlotSource, Node> {
    return this.compilation?.expressions ?? new Map()
  }

  /** The templates it may extend: none, those written out, or null when one of them is known at run time only. */
  get parents (): readonly string[] | null {
    const names = this.references.filter(({ kind }) => kind === 'extends').map(({ names }) => names)
    return names.includes(null) ? null : (names as string[][]).flat()
  }

  /** True when the template's own root is never shown: an extends stands outside of every condition. */
  get alwaysExtends (): boolean {
    return this.compilation?.alwaysExtends === true
  }

  get includes (): readonly TemplateReference[] {
    return this.references.filter(({ kind }) => kind === 'include')
  }

  get imports (): readonly TemplateReference[] {
    return this.references.filter(({ kind }) => kind === 'import')
  }

  get references (): readonly TemplateReference[] {
    return this.compilation?.references ?? empty
  }

  /** A fresh syntax tree as the author wrote it: nunjucks' compiler changes its own. */
  get ast (): Node {
    return parse(this.tmplStr as string, this.env)
  }

  override _compile (): void {
    const compatible = this.env.compatible
    if (this.tmplProps) {
      this.blocks = this._getBlocks(this.tmplProps)
      this.rootRenderFunc = this.tmplProps['root'] as typeof this.rootRenderFunc
    } else {
      try {
        const source = this.tmplStr as string
        this.compilation = compileTemplate({ source, name: this.name, path: this.path, compatible }, this.env)
        if (this.compilation.uses.some(({ kind, name }) => kind === 'filter' && name === 'sanitize')) this.env.prepareSanitizer()
      } catch (error) {
        throw compatible ? error : syntaxError(this.name, error)
      }
      this.blocks = this._getBlocks(this.compilation.functions)
      this.rootRenderFunc = this.compilation.functions['root'] as typeof this.rootRenderFunc
    }
    this.compiled = true
  }

  /** Renders to a tree. The callback is called at once when nothing waits, and once only. */
  renderTree (
    context: object, parentFrame: Frame | null, cb: RenderCallback, candidates: ReadonlySet<string> | null = null
  ): void {
    let called = false
    let thrown = false
    const once: RenderCallback = (error, result) => {
      // What the callback itself threw comes back through the template's own catch, and must go on.
      if (thrown) throw error
      // After an error, code that goes on may still arrive at its end.
      if (called) return
      called = true
      thrown = true
      if (error) cb(toError(this, error))
      else cb(null, result)
      thrown = false
    }
    try {
      this.compile()
    } catch (error) {
      return once(error)
    }
    const frame = parentFrame ? parentFrame.push(true) : new Frame()
    frame.topLevel = true
    this.rootRenderFunc(this.env, contextOf(this, context, candidates), frame, runtime, once)
  }

  /** As nunjucks, for a template of which `from` is the importer's context. */
  override getExported (...args: any[]): void {
    const cb: RenderCallback = args.find((argument) => typeof argument === 'function')
    const [data, parentFrame, , from]: any[] = args
    try {
      this.compile()
    } catch (error) {
      return cb(error)
    }
    const frame: Frame = parentFrame && typeof parentFrame === 'object' ? parentFrame.push() : new Frame()
    frame.topLevel = true
    const context = contextOf(this, data && typeof data === 'object' ? data : {}, from ? candidatesOf(from) : null)
    this.rootRenderFunc(this.env, context, frame, runtime, (error) => error ? cb(error) : cb(null, context.getExported()))
  }

  /** As nunjucks: the text at once, or by callback, which is then never called before this returns. */
  override render (context?: any, parentFrame?: any, callback?: RenderCallback): any {
    const cb: RenderCallback | undefined = [context, parentFrame, callback].find((argument) => typeof argument === 'function')
    const frame = typeof parentFrame === 'object' ? parentFrame : null
    let failure: unknown
    let text: string | null = null
    this.renderTree(typeof context === 'object' && context ? context : {}, frame, (error, result) => {
      if (error) failure = error
      else text = String(result)
      if (!cb) return
      if (frame) cb(error, error ? undefined : text)
      else setImmediate(cb, error, error ? undefined : text)
    })
    if (failure && !cb) throw failure
    return cb ? null : text
  }
}

// No private methods: twins inherit from templates and have none.
function contextOf ({ blocks, env }: LiveTemplate, data: object, candidates: ReadonlySet<string> | null): Context {
  const context = new Context(env.compatible ? data : {}, blocks, env)
  // nunjucks copies names by assignment into an object like any other: one named `__proto__` gives it others beside its own.
  if (!env.compatible) (context as { ctx: object }).ctx = Object.assign(Object.create(null), data)
  setCandidates(context, candidates)
  return context
}

function toError ({ env, name, path }: LiveTemplate, error: unknown): Error {
  if (env.compatible) return prettifyError(path, env.opts.dev, error)
  return renderError({ template: name, line: 1, column: 1 }, error)
}

/** The tree of a rendering; text of templates that nunjucks itself compiled becomes one opaque slot. */
export function asTree (result: Tree | string): Tree {
  return result instanceof Tree ? result : new Tree(opaque, [new Html(result)])
}

const opaque: Shape = Object.freeze({
  id: 'text',
  template: '<text>',
  position: { template: '<text>', line: 1, column: 1 },
  statics: ['', ''],
  slots: [{ kind: 'flat', position: { template: '<text>', line: 1, column: 1 }, bodies: [], row: null, names: null, optional: false }],
  layout: null
} satisfies Shape)
