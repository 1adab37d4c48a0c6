import type { EventEmitter } from 'node:events'

/*
 * nunjucks ships no types for its parser, nodes and compiler: this much of them is used here.
 */

/** A node of the syntax tree; positions are 0-based and missing on a few kinds. */
export interface Node {
  readonly typename: string
  readonly lineno: number | undefined
  readonly colno: number | undefined
  readonly fields: readonly string[]
  readonly [field: string]: any
}

export interface NodeType {
  new (lineno?: number, colno?: number, ...fields: any[]): Node
}

export interface Frame {
  readonly variables: Record<string, unknown>
  readonly parent: Frame | undefined
  topLevel: boolean
  set (name: string, value: unknown, resolveUp?: boolean): void
  lookup (name: string): any
  push (isolateWrites?: boolean): Frame
  pop (): Frame
}

export type RenderCallback = (error: unknown, result?: any) => void
export type RenderFunction = (env: Environment, context: Context, frame: Frame, runtime: unknown, cb: RenderCallback) => void

/** What `this` is in filters, tests, global functions and extensions. */
export interface Context {
  readonly env: Environment
  readonly ctx: Record<string, unknown>
  lookup (name: string): unknown
  setVariable (name: string, value: unknown): void
  getVariables (): Record<string, unknown>
  addBlock (name: string, block: RenderFunction): this
  getExported (): Record<string, unknown>
}

export interface EnvironmentOptions {
  autoescape?: boolean
  throwOnUndefined?: boolean
  trimBlocks?: boolean
  lstripBlocks?: boolean
  dev?: boolean
  tags?: {
    blockStart?: string,
    blockEnd?: string,
    variableStart?: string,
    variableEnd?: string,
    commentStart?: string,
    commentEnd?: string
  }
}

export interface LoaderSource {
  src: string | { type: 'code' | 'string', obj: any }
  path: string
  noCache?: boolean
}

export interface Loader {
  readonly async?: boolean
  cache?: Record<string, any>
  getSource (name: string, callback?: (error: unknown, source: LoaderSource | null) => void): LoaderSource | null | void
  isRelative? (name: string): boolean
  resolve? (from: string, to: string): string
  on? (event: string, listener: (...args: any[]) => void): unknown
}

export interface Extension {
  tags: string[]
  parse (parser: any, nodes: any, lexer: any): any
  preprocess? (source: string): string
  autoescape?: boolean
}

export interface Template {
  env: Environment
  path: string | undefined
  tmplStr: string | undefined
  tmplProps: Record<string, RenderFunction> | undefined
  blocks: Record<string, RenderFunction>
  rootRenderFunc: RenderFunction
  compiled: boolean
  init (source: string | { type: 'code' | 'string', obj: any }, env: Environment, path?: string, eager?: boolean): void
  render (context?: object, callback?: RenderCallback): any
  render (context: object, parentFrame: Frame | undefined, callback?: RenderCallback): any
  getExported (...args: any[]): void
  compile (): void
  _compile (): void
  _getBlocks (props: Record<string, RenderFunction>): Record<string, RenderFunction>
}

export interface Environment extends EventEmitter {
  opts: Required<Omit<EnvironmentOptions, 'tags'>> & Pick<EnvironmentOptions, 'tags'>
  loaders: Loader[]
  globals: Record<string, unknown>
  filters: Record<string, (...args: any[]) => any>
  tests: Record<string, (...args: any[]) => any>
  asyncFilters: string[]
  extensions: Record<string, Extension>
  extensionsList: Extension[]
  invalidateCache (): void
  addExtension (name: string, extension: Extension): this
  removeExtension (name: string): void
  getExtension (name: string): Extension
  hasExtension (name: string): boolean
  addGlobal (name: string, value: unknown): this
  getGlobal (name: string): any
  addFilter (name: string, filter: (...args: any[]) => any, async?: boolean): this
  getFilter (name: string): (...args: any[]) => any
  addTest (name: string, test: (...args: any[]) => any): this
  getTest (name: string): (...args: any[]) => any
  resolveTemplate (loader: Loader, parentName: string | null | undefined, name: string): string
  getTemplate (name: any, eager?: any, parentName?: any, ignoreMissing?: any, callback?: any): any
  render (name: any, context?: any, callback?: RenderCallback): any
  renderString (source: string, context?: any, options?: any, callback?: RenderCallback): any
  express (app: object): this
}

/** nunjucks' code generator: the private methods that ours overrides or calls. */
export interface Compiler {
  codebuf: string[]
  _scopeClosers: string
  inBlock: boolean
  readonly throwOnUndefined: boolean
  compile (node: Node, frame?: Frame): void
  fail (message: string, lineno?: number, colno?: number): never
  _emit (code: string): void
  _emitLine (code: string): void
  _tmpid (): string
  _templateName (): string
  _withScopedSyntax (emit: () => void): void
  _closeScopeLevels (): void
  _addScopeLevel (): void
  _makeCallback (result?: string): string
  _compileChildren (node: Node, frame: Frame): void
  _compileExpression (node: Node, frame: Frame): void
  _compileAggregate (node: Node, frame: Frame, start?: string, end?: string): void
  _compileGetTemplate (node: Node, frame: Frame, eager: boolean, ignoreMissing: boolean): string
  _getNodeName (node: Node): string
  assertType (node: Node, ...types: NodeType[]): void
  _binOpEmitter (node: Node, frame: Frame, operator: string): void
  compileFloorDiv (node: Node, frame: Frame): void
  compilePow (node: Node, frame: Frame): void
  compileNeg (node: Node, frame: Frame): void
  compilePos (node: Node, frame: Frame): void
  compileCompare (node: Node, frame: Frame): void
  compilePair (node: Node, frame: Frame): void
  compileSymbol (node: Node, frame: Frame): void
  compileLookupVal (node: Node, frame: Frame): void
  compileImport (node: Node, frame: Frame): void
  compileSet (node: Node, frame: Frame): void
  compileExtends (node: Node, frame: Frame): void
  compileFilter (node: Node, frame: Frame): void
  compileFilterAsync (node: Node, frame: Frame): void
  getCode (): string
}

export interface Runtime {
  readonly Frame: { new (parent?: Frame, isolateWrites?: boolean): Frame }
  memberLookup (target: any, key: any, ...rest: any[]): any
  contextOrFrameLookup (context: Context, frame: Frame, name: string): any
  callWrap (target: any, name: string, context: unknown, args: unknown[]): any
  makeMacro (args: string[], kwargs: string[], body: (...args: any[]) => any): (...args: any[]) => any
  handleError (error: any, lineno: number, colno: number): Error
  ensureDefined (value: any, lineno: number, colno: number): any
  markSafe (value: any): any
  inOperator (key: any, target: any): boolean
  fromIterator (value: any): any
  keys (value: object): string[]
}

/** nunjucks' own SafeString, typed as a class so that ours can extend it: `instanceof` holds both ways. */
export interface SafeString {
  readonly val: string
  readonly length: number
  toString (): string
  valueOf (): string
}
