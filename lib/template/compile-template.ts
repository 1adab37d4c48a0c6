import { checkNames } from './check-names.ts'
import { TreeCompiler } from './compiler.ts'
import { renderError } from './errors.ts'
import { parseForCompiler, runtime as nunjucks } from './nunjucks.ts'
import type { Environment, Node, RenderFunction } from './nunjucks.ts'
import { RescueCompiler } from './rescue-compiler.ts'
import { liveRuntime } from './live-runtime.ts'
import { runtime } from './runtime.ts'
import type { TreeRuntime } from './runtime.ts'
import type { Shape, SlotSource, SourcePosition } from './shape.ts'
import { List, Tree } from './tree.ts'
import { walk } from './walk.ts'

/** A template that another one names: by extends, include, import. `names` is null where they are not written out. */
export interface TemplateReference {
  readonly kind: 'extends' | 'include' | 'import'
  readonly names: readonly string[] | null
  /** True for `ignore missing`. */
  readonly optional: boolean
  readonly position: SourcePosition
}

/** A filter, a test or a tag that a template uses. */
export interface NameUse {
  readonly kind: 'filter' | 'test' | 'tag'
  readonly name: string
  readonly position: SourcePosition
}

/** What compiling one template gives. */
export interface CompiledTemplate {
  readonly functions: Record<string, RenderFunction>
  /** Compiles the functions that go on where data is missing: the same bodies. */
  readonly rescuing: (runtime: TreeRuntime) => Record<string, RenderFunction>
  readonly root: Shape
  readonly blocks: ReadonlyMap<string, Shape>
  readonly macros: readonly Shape[]
  readonly captures: readonly Shape[]
  /** Those of tags that answer with HTML. */
  readonly htmlBodies: readonly Shape[]
  /** All bodies of the template. */
  readonly shapes: readonly Shape[]
  /** The expression of each output slot. */
  readonly expressions: ReadonlyMap<SlotSource, Node>
  readonly references: readonly TemplateReference[]
  /** True when an extends stands outside of every condition. */
  readonly alwaysExtends: boolean
  readonly uses: readonly NameUse[]
}

export interface TemplateInput {
  readonly source: string
  /** The name that errors and shape ids carry. */
  readonly name: string
  /** What relative names in it are resolved against. */
  readonly path: string | undefined
  readonly compatible: boolean
}

/** Compiles one template's source to functions that render trees. */
export function compileTemplate (template: TemplateInput, env: Environment): CompiledTemplate {
  const tree = parseForCompiler(template.source, env)
  checkNames(tree, template.name)
  const compiler = new TreeCompiler(template.path, env, template.name, template.compatible)
  compiler.compile(tree)
  const shapes = compiler.table.shapes
  return {
    functions: generator(compiler)(shapes, template.compatible ? runtime : liveRuntime),
    rescuing: (runtime) => compileAround(template, env)(shapes, runtime),
    root: compiler.root as Shape,
    blocks: compiler.blocks,
    macros: [...new Set(compiler.macros)],
    captures: [...new Set(compiler.captures)],
    htmlBodies: [...new Set(compiler.htmlBodies)],
    shapes: [...new Set(shapes)],
    expressions: compiler.expressions,
    alwaysExtends: tree['children'].some((child: Node) => child.typename === 'Extends'),
    ...references(tree, compiler)
  }
}

type Generate = (shapes: readonly Shape[], runtime: TreeRuntime) => Record<string, RenderFunction>

function generator (compiler: TreeCompiler): Generate {
  const fail = (error: any, position: number): unknown => {
    const place = compiler.positions[position] as SourcePosition
    return compiler.compatible ? nunjucks.handleError(error, place.line, place.column) : renderError(place, error)
  }
  // Only names and text of the template's author get here, each quoted or checked; templates are code, as in nunjucks.
  // eslint-disable-next-line no-new-func -- the compiler writes this code from the template, never from data
  const generate = new Function('S', 'Tree', 'List', 'runtime', 'fail', compiler.getCode())
  return (shapes, runtime) => generate(shapes, Tree, List, runtime, fail)
}

// The bodies come in the same order, so the shapes of the first compilation serve both.
function compileAround (template: TemplateInput, env: Environment): Generate {
  const compiler = new RescueCompiler(template.path, env, template.name, template.compatible)
  compiler.compile(parseForCompiler(template.source, env))
  return generator(compiler)
}

function references (tree: Node, compiler: TreeCompiler): { references: TemplateReference[], uses: NameUse[] } {
  const references: TemplateReference[] = []
  const uses: NameUse[] = []
  const refer = (kind: TemplateReference['kind'], node: Node): void => {
    references.push({ kind, names: compiler.namesOf(node), optional: Boolean(node['ignoreMissing']), position: compiler.at(node) })
  }
  const use = (kind: NameUse['kind'], name: unknown, node: Node): void => {
    uses.push({ kind, name: String(name), position: compiler.at(node) })
  }
  walk(tree, (node) => {
    switch (node.typename) {
      case 'Extends': return refer('extends', node)
      case 'Include': return refer('include', node)
      case 'Import':
      case 'FromImport': return refer('import', node)
      case 'Filter':
      case 'FilterAsync': return use('filter', node['name'].value, node)
      case 'Is': return use('test', node['right'].name ? node['right'].name.value : node['right'].value, node['left'])
      case 'CallExtension':
      case 'CallExtensionAsync': return use('tag', node['extName'], node)
      default: compiler.at(node)
    }
  })
  return { references, uses }
}
