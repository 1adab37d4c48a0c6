import { LIVE_ERR_TEMPLATE_DYNAMIC, LIVE_ERR_TEMPLATE_MISSING, LIVE_ERR_TEMPLATE_UNKNOWN, positioned } from './errors.ts'
import { findEnclosed } from './enclosed-bodies.ts'
import { analysePlaces } from './html/analyse-places.ts'
import { asTree } from './live-template.ts'
import type { LiveTemplate } from './live-template.ts'
import type { CompiledTemplate, TemplateReference } from './compile-template.ts'
import { placesSource } from './places-source.ts'
import { fillGaps } from './rescue-gap.ts'
import type { Rescue } from './rescue-gap.ts'
import { twinOf } from './rescue-runtime.ts'
import { resolveName } from './resolve-name.ts'
import type { Shape } from './shape.ts'
import type { TemplateEnvironment } from './template-environment.ts'
import type { Tree } from './tree.ts'

/** A compiled template with everything that it names. */
export class Program {
  readonly environment: TemplateEnvironment
  readonly name: string
  readonly template: LiveTemplate
  /** The templates that names which are not written out may mean. */
  readonly includes: readonly string[]
  readonly #candidates: ReadonlySet<string> | null
  readonly #links = new Map<LiveTemplate, Map<string, LiveTemplate>>()

  constructor (environment: TemplateEnvironment, name: string, includes: readonly string[] = []) {
    this.environment = environment
    this.name = name
    this.includes = Object.freeze([...includes])
    this.#candidates = environment.compatible || includes.length === 0 ? null : new Set(includes)
    const template: LiveTemplate | undefined = environment.getTemplate(name)
    if (!template) throw notNow(name)
    this.template = template
    this.#link(template)
  }

  /** Renders to a tree: at once when nothing in the templates waits, else by promise. The context is copied, one level deep. */
  render (context: object): Tree | Promise<Tree> {
    return renderTemplate(this.template, context, this.#candidates)
  }

  /**
   * Renders what can be rendered where a loader failed or still loads: placeholders of `unavailable()` stand under its name.
   * Each slot that would show its data is filled by `rescue`, which is asked once, with all that a person could see.
   */
  renderAround (context: object, rescue: Rescue): Tree | Promise<Tree> {
    const tree = renderTemplate(twinOf(this.template), context, this.#candidates)
    return tree instanceof Promise ? tree.then((ready) => fillGaps(ready, rescue)) : fillGaps(tree, rescue)
  }

  /** The templates that can take part, this one first. */
  get templates (): readonly LiveTemplate[] {
    return [...this.#links.keys()]
  }

  /** The template that `name` means where it is written in `from`; null when it does not exist. */
  resolve (from: LiveTemplate, name: string): LiveTemplate | null {
    return this.#links.get(from)?.get(resolveName(this.environment, from.path, name)) ?? null
  }

  /** All bodies that can take part: of this template, its parents, what it includes and imports. */
  shapes (): readonly Shape[] {
    return this.templates.flatMap((template) => template.shapes)
  }

  /** Fills the layouts of all bodies; refuses templates whose values stand where they cannot be made safe. */
  analysePlaces (): void {
    analysePlaces(placesSource(this.environment, this.includes), this.template.name)
    findEnclosed(this.templates)
  }

  #link (template: LiveTemplate): void {
    if (this.#links.has(template)) return
    template.compile()
    const links = new Map<string, LiveTemplate>()
    this.#links.set(template, links)
    if (!this.environment.compatible) this.#checkNames(template)
    for (const reference of template.references) {
      for (const name of reference.names ?? this.#listed(reference)) {
        const target = this.#find(template, name, reference)
        if (!target) continue
        links.set(name, target)
        this.#link(target)
      }
    }
  }

  /** What a name that is not written out may mean. */
  #listed ({ kind, position }: TemplateReference): readonly string[] {
    if (this.environment.compatible || this.includes.length > 0) return this.includes
    throw positioned(LIVE_ERR_TEMPLATE_DYNAMIC, position, `${kind} takes the name of its template from a value: what stands where ` +
      `in the page could not be known before it is shown. Write the names: {% ${kind} "a.njk" if wide else "b.njk" %}; or list the ` +
      "templates that it may name in the view: includes: ['a.njk', 'b.njk']")
  }

  #find (template: LiveTemplate, name: string, reference: TemplateReference): LiveTemplate | null {
    try {
      const target: LiveTemplate | undefined = this.environment.getTemplate(name)
      if (!target) throw notNow(name)
      return target
    } catch (error: any) {
      // nunjucks finds out when it renders; compatible mode does too.
      if (this.environment.compatible || (reference.optional && reference.names !== null && error.code === 'LIVE_ERR_TEMPLATE_MISSING')) return null
      if (error.code !== 'LIVE_ERR_TEMPLATE_MISSING') throw error
      throw positioned(LIVE_ERR_TEMPLATE_MISSING, reference.position, error.message, error)
    }
  }

  // Filters may be registered after a template is parsed, so not before here.
  #checkNames (template: LiveTemplate): void {
    const { filters, tests, extensions } = this.environment
    const known = { filter: filters, test: tests, tag: extensions }
    for (const { kind, name, position } of (template.compilation as CompiledTemplate).uses) {
      if (Object.hasOwn(known[kind], name)) continue
      throw positioned(LIVE_ERR_TEMPLATE_UNKNOWN, position, `unknown ${kind} ${JSON.stringify(name)}; ` +
        `add it to the environment before the template is compiled. There are: ${Object.keys(known[kind]).sort().join(', ')}`)
    }
  }
}

function renderTemplate (template: LiveTemplate, context: object, candidates: ReadonlySet<string> | null): Tree | Promise<Tree> {
  let settled: { error: unknown, tree: Tree | null } | null = null
  let settle: (() => void) | null = null
  template.renderTree(context, null, (error, result) => {
    settled = { error, tree: error ? null : asTree(result) }
    settle?.()
  }, candidates)
  const result = (): Tree => {
    const { error, tree } = settled as unknown as { error: unknown, tree: Tree }
    if (error) throw error
    return tree
  }
  if (settled) return result()
  return new Promise<void>((resolve) => { settle = resolve }).then(result)
}

function notNow (name: string): Error {
  return new LIVE_ERR_TEMPLATE_MISSING(`The template ${JSON.stringify(name)} comes from an asynchronous loader; programs need loaders that answer at once`)
}
