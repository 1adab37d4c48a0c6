// Types and the values they describe share their names, as classes do.
/* eslint @typescript-eslint/no-redeclare: 'off' */
import { createRequire } from 'node:module'
import type { EventEmitter } from 'node:events'
import type * as types from './nunjucks-types.ts'
import type { EnvironmentOptions, Node, NodeType, RenderFunction, Runtime } from './nunjucks-types.ts'

// The only file that knows nunjucks: its release is frozen, it ships no types for the parser, the nodes and the compiler,
// and its Context class is not exported.
const require = createRequire(import.meta.url)
const nunjucks: Record<string, any> = require('nunjucks')
const transformer: Record<string, any> = require('nunjucks/src/transformer')

export type {
  Node, NodeType, RenderCallback, RenderFunction, EnvironmentOptions, LoaderSource, Extension, Runtime
} from './nunjucks-types.ts'
export type Frame = types.Frame
export type Context = types.Context
export type Loader = types.Loader
export type Template = types.Template
export type Environment = types.Environment
export type Compiler = types.Compiler
export type SafeString = types.SafeString

export const Environment: { new (loaders?: any, options?: EnvironmentOptions): Environment } = nunjucks['Environment']
export const Template: {
  new (source: string | { type: 'code' | 'string', obj: any }, env: Environment, path?: string, eager?: boolean, ...rest: any[]): Template
} = nunjucks['Template']
export const Compiler: { new (templateName: string | undefined, throwOnUndefined: boolean): Compiler } = nunjucks['compiler'].Compiler
export const Loader: { new (): Loader & EventEmitter } = nunjucks['Loader']
export const FileSystemLoader: { new (folders: string | readonly string[]): Loader } = nunjucks['FileSystemLoader']
export const PrecompiledLoader: { new (templates: object): Loader } = nunjucks['PrecompiledLoader']
export const runtime: Runtime = nunjucks['runtime']
export const Frame: Runtime['Frame'] = runtime.Frame
export const SafeString: { new (text: string): SafeString } = nunjucks['runtime'].SafeString
export const nodes: Readonly<Record<string, NodeType>> = nunjucks['nodes']

/** Escapes `& " ' < > \`, and nothing else. */
export const escape: (text: string) => string = nunjucks['lib'].escape

/** Gives an error its path and position in front, as nunjucks' own render does. */
export const prettifyError: (path: string | undefined, withInternals: boolean, error: unknown) => Error = nunjucks['lib']._prettifyError

/** nunjucks' Context class, taken from a rendering since the package does not export it. */
export const Context: {
  new (context: object, blocks: Record<string, RenderFunction>, env: Environment): Context
} = contextClass()

function contextClass (): any {
  let found: any = null
  const root: RenderFunction = (env, context, frame, runtime, cb) => {
    found = context.constructor
    cb(null, '')
  }
  new Template({ type: 'code', obj: { root } }, new Environment([])).render()
  return found
}

/** The syntax tree as written: what the analysers read. */
export function parse (source: string, env: Environment): Node {
  const text = env.extensionsList.reduce((source, extension) => extension.preprocess?.(source) ?? source, source)
  return nunjucks['parser'].parse(text, env.extensionsList, env.opts)
}

/**
 * The syntax tree as nunjucks compiles it: async filters and super() lifted. A tree of its own, since lifting changes nodes
 * in place.
 */
export function parseForCompiler (source: string, env: Environment): Node {
  return transformer['transform'](parse(source, env), env.asyncFilters)
}
