import { checkTrust } from './check-trust.ts'
import { ContextFacade } from './context-facade.ts'
import { parseReads } from './declarations.ts'
import type { DeclarationKind, Declarations, DeclaredHtml, FilterOptions, HtmlOptions, Reads, ReadsOptions } from './declarations.ts'
import { LIVE_ERR_TEMPLATE_MISSING, LIVE_ERR_TEMPLATE_OPTION } from './errors.ts'
import { harden } from './harden.ts'
import { LiveTemplate } from './live-template.ts'
import { Context, Environment, Template } from './nunjucks.ts'
import type { EnvironmentOptions, Extension, Loader, LoaderSource, RenderCallback, RenderFunction } from './nunjucks.ts'
import { textOf } from './ordinary.ts'
import { Program } from './program.ts'
import { staysInside } from './stays-inside.ts'
import { toLoaders } from './to-loaders.ts'
import type { TemplateSource } from './to-loaders.ts'
import { Sanitizer } from './sanitizer.ts'
import { givingHtml, givingHtmlLater } from './trust-filters.ts'

export type { TemplateSource } from './to-loaders.ts'
export type { Declarations, DeclaredHtml, FilterOptions, HtmlOptions, Reads, ReadsOptions } from './declarations.ts'

export interface TemplateEnvironmentOptions extends EnvironmentOptions {
  /** Byte-equal to nunjucks in everything: no refusals, `autoescape: false` allowed. Default false. */
  compatible?: boolean
  /**
   * What `| sanitize` does: makes HTML of anybody's HTML that may stand in a page. By default sanitize-html with a strict list of
   * elements and attributes; it is an optional peer, to be installed where templates use the filter.
   */
  sanitize?: (html: string) => string
}

export interface CompileOptions {
  /**
   * The templates that names mean which are not written out: `{% include name %}`. All of them are compiled and analysed
   * in every such place; a rendering that names another one is refused.
   */
  readonly includes?: readonly string[]
  /**
   * Fields whose text is HTML that may go into the page as it is, as the fields' paths are printed: `['post.body',
   * 'comments[].html']`. Each `| safe` in the templates has to show one of them, and each of them has to be shown by one.
   */
  readonly trustedHtml?: readonly string[]
}

type Callable = (...args: any[]) => any

/** nunjucks' Environment, same constructor and methods, whose templates are compiled to shapes and slots. */
export class TemplateEnvironment extends Environment {
  readonly compatible: boolean

  readonly #declared: { readonly [Kind in DeclarationKind]: Map<string, Reads> } =
    { filters: new Map(), tests: new Map(), globals: new Map(), tags: new Map() }

  readonly #html = { filters: new Set<string>(), globals: new Set<string>(), tags: new Set<string>() }
  readonly #sanitizer: Sanitizer

  /** nunjucks' own functions, made anew for each environment. */
  readonly #builtIn: Readonly<Record<string, unknown>>
  /** nunjucks' own filters, as this environment has them: outside of compatible mode some are ours. */
  readonly #builtInFilters: Readonly<Record<string, unknown>>
  readonly #builtInTests: Readonly<Record<string, unknown>>

  constructor (sources?: TemplateSource, options: TemplateEnvironmentOptions = {}) {
    const { compatible = false, sanitize, ...rest } = options
    if (options.autoescape === false && !compatible) {
      throw new LIVE_ERR_TEMPLATE_OPTION('The template option autoescape is false; outside of compatible mode it must be true: ' +
        "HTML of data is printed with '| sanitize', or with '| safe' where trustedHtml lists the field")
    }
    super(toLoaders(sources), rest)
    this.compatible = compatible
    this.#sanitizer = new Sanitizer(sanitize)
    if (!compatible) harden(this, this.#sanitizer.filter)
    this.#builtIn = { ...this.globals }
    this.#builtInFilters = { ...this.filters }
    this.#builtInTests = { ...this.tests }
  }

  /** What filters, tests, functions and tags say that they read. */
  get declarations (): Declarations {
    return this.#declared
  }

  /** Which filters, functions and tags of the application say that they answer with HTML. */
  get declaredHtml (): DeclaredHtml {
    return this.#html
  }

  /** @internal Finds what `| sanitize` needs, for a template that uses it. */
  prepareSanitizer (): void {
    if (!this.compatible && !this.customFilters.has('sanitize')) this.#sanitizer.prepare()
  }

  /** Functions and values that every template sees and that are not nunjucks' own. */
  get customGlobals (): ReadonlySet<string> {
    return new Set(Object.keys(this.globals).filter((name) => this.globals[name] !== this.#builtIn[name]))
  }

  /** Filters that are not built in, also where they replace one of the same name. */
  get customFilters (): ReadonlySet<string> {
    return new Set(Object.keys(this.filters).filter((name) => this.filters[name] !== this.#builtInFilters[name]))
  }

  /** The same for tests. */
  get customTests (): ReadonlySet<string> {
    return new Set(Object.keys(this.tests).filter((name) => this.tests[name] !== this.#builtInTests[name]))
  }

  /**
   * As nunjucks', or with `{ reads, html, async }`: what the filter reads of its input, all of it unless it says so; whether its
   * answer is HTML.
   */
  override addFilter (name: string, filter: Callable, options: boolean | FilterOptions = false): this {
    const { reads, html, async = false } = typeof options === 'boolean' ? { async: options } : options
    // nunjucks' own are added before this object is complete.
    if (!(#declared in this)) return super.addFilter(name, filter, async)
    this.#declare('filters', 'filter', name, reads)
    this.#declareHtml('filters', name, html)
    const shielded = this.#shielded(filter, 'filter', name)
    if (!this.#html.filters.has(name)) return super.addFilter(name, shielded, async)
    return super.addFilter(name, async ? givingHtmlLater(shielded) : givingHtml(shielded), async)
  }

  /** As nunjucks', or with `{ reads }`: what the test reads of the value that it is asked about. */
  override addTest (name: string, test: Callable, options: Partial<ReadsOptions> = {}): this {
    if (!(#declared in this)) return super.addTest(name, test)
    this.#declare('tests', 'test', name, options.reads)
    return super.addTest(name, this.#shielded(test, 'test', name))
  }

  /** As nunjucks', or for a function with `{ reads, html }`: what it reads of its first argument; whether its answer is HTML. */
  override addGlobal (name: string, value: unknown, options: Partial<ReadsOptions> & HtmlOptions = {}): this {
    for (const option of ['reads', 'html'] as const) {
      if (options[option] === undefined || typeof value === 'function') continue
      throw new LIVE_ERR_TEMPLATE_OPTION(`The global '${name}' cannot be added: it has ${option}, and is no function. Leave ${option} out`)
    }
    this.#declare('globals', 'function', name, options.reads)
    this.#declareHtml('globals', name, options.html)
    return super.addGlobal(name, this.#html.globals.has(name) ? givingHtml(value as Callable) : value)
  }

  /** As nunjucks', or with `{ reads, html }`: what the tag reads besides its arguments; whether its answer is HTML. */
  override addExtension (name: string, extension: Extension, options: Partial<ReadsOptions> & HtmlOptions = {}): this {
    if (extension?.autoescape === false && options.html !== true && !this.compatible) {
      throw new LIVE_ERR_TEMPLATE_OPTION(`The tag '${name}' cannot be added: its autoescape is false, so that what it answers would go into ` +
        `the page as it is. Say that it is HTML: addExtension('${name}', extension, { html: true }); or leave autoescape out`)
    }
    this.#declareHtml('tags', name, options.html)
    this.#declare('tags', 'tag', name, options.reads)
    return super.addExtension(name, extension)
  }

  #declare (kind: DeclarationKind, word: string, name: string, reads: unknown): void {
    this.#declared[kind].delete(name)
    if (reads !== undefined) this.#declared[kind].set(name, parseReads(`${word} '${name}'`, reads))
  }

  #declareHtml (kind: keyof DeclaredHtml, name: string, html: unknown): void {
    this.#html[kind].delete(name)
    if (html !== undefined && typeof html !== 'boolean') {
      throw new LIVE_ERR_TEMPLATE_OPTION(`'${name}' cannot be added: its html is ${JSON.stringify(html)}. Allowed: true, where it answers with HTML, or false`)
    }
    // In compatible mode it would not be byte-equal.
    if (html === true && !this.compatible) this.#html[kind].add(name)
  }

  /** Here and not where templates call it: nunjucks' own filters are called as ever, and `select` calls tests as well. */
  #shielded (run: Callable, kind: 'filter' | 'test', name: string): Callable {
    if (this.compatible || typeof run !== 'function') return run
    const facade = Object.freeze(new ContextFacade(this, kind, name))
    return function (this: unknown, ...args: unknown[]) {
      return run.apply(this instanceof Context ? facade : this, args)
    }
  }

  /** Compiles a template and all that it names; throws coded errors with positions. */
  compile (name: string, { includes = [], trustedHtml = [] }: CompileOptions = {}): Program {
    const program = this.program(name, includes)
    if (!this.compatible) checkTrust([program], trustedHtml, null)
    return program
  }

  /** @internal Without the check of what is trusted: views make it for their templates and fallbacks together. */
  program (name: string, includes: readonly string[]): Program {
    const program = new Program(this, name, includes)
    if (!this.compatible) program.analysePlaces()
    return program
  }

  // Own ones only, and asked by `select` for what data names: nunjucks takes `__defineGetter__` for a test.
  override getFilter (name: string): Callable {
    if (!this.compatible && !Object.hasOwn(this.filters, name)) throw new Error(`filter not found: ${name}`)
    return super.getFilter(name)
  }

  override getTest (name: string): Callable {
    if (!this.compatible && !Object.hasOwn(this.tests, name)) throw new Error(`test not found: ${textOf(name)}`)
    return super.getTest(name)
  }

  override getTemplate (name: any, eager?: any, parentName?: any, ignoreMissing?: any, callback?: any): any {
    const cb: RenderCallback | undefined = [eager, parentName, callback].find((argument) => typeof argument === 'function')
    const parent: string | null = typeof parentName === 'string' ? parentName : null
    // A String object, such as a SafeString, names a template too.
    const wanted = this.compatible ? name?.raw ?? name : name instanceof String ? String(name) : name
    if (wanted instanceof Template) {
      if (!this.compatible && !(wanted instanceof LiveTemplate)) throw foreign((wanted as LiveTemplate).path ?? '<object>')
      return this.#give(wanted as LiveTemplate, eager === true, cb)
    }
    if (typeof wanted !== 'string') throw new Error(`template names must be a string: ${this.compatible ? wanted : textOf(wanted)}`)
    const cached = this.#cached(wanted, parent)
    if (cached) return this.#give(cached, eager === true, cb)

    let found: unknown
    this.#load(wanted, parent, 0, (error, source, loader, resolved) => {
      if (!error && source) found = this.#give(this.#create(source, loader as Loader, resolved), eager === true, cb)
      else if (!error && ignoreMissing) found = this.#give(new Template({ type: 'code', obj: { root: nothing } }, this) as LiveTemplate, false, cb)
      else if (cb) cb(error ?? this.#missing(wanted))
      else throw error ?? this.#missing(wanted)
    })
    return found
  }

  override renderString (source: string, context?: any, options?: any, callback?: RenderCallback): any {
    const cb = typeof options === 'function' ? options : callback
    return new LiveTemplate(source, this, options?.path).render(context, cb)
  }

  #give (template: LiveTemplate, eager: boolean, cb: RenderCallback | undefined): LiveTemplate | undefined {
    if (eager) template.compile()
    if (!cb) return template
    cb(null, template)
    return undefined
  }

  #cached (name: string, parent: string | null): LiveTemplate | undefined {
    for (const loader of this.loaders) {
      const resolved = this.resolveTemplate(loader, parent, name)
      // Own names only: nunjucks takes `constructor` for a cached template.
      const cache = loader.cache as Record<string, LiveTemplate | null>
      const known = Object.hasOwn(cache, resolved) ? cache[resolved] : null
      if (known) return known
    }
  }

  #load (name: string, parent: string | null, at: number, done: Loaded): void {
    const loader = this.loaders[at]
    if (!loader) return done(null, null, undefined, name)
    const resolved = this.resolveTemplate(loader, parent, name)
    const answer = (error: unknown, source: LoaderSource | null): void => {
      if (error || (source && (this.compatible || staysInside(loader, source)))) done(error, source, loader, resolved)
      else this.#load(resolved, parent, at + 1, done)
    }
    if (loader.async) loader.getSource(resolved, answer)
    else answer(null, loader.getSource(resolved) as LoaderSource | null)
  }

  #create (source: LoaderSource, loader: Loader, name: string): LiveTemplate {
    if (!this.compatible && typeof source.src === 'object' && source.src.type === 'code') throw foreign(name)
    const template = new LiveTemplate(source.src, this, source.path, false, name) as LiveTemplate
    if (!source.noCache) (loader.cache as Record<string, unknown>)[name] = template
    return template
  }

  #missing (name: string): Error {
    if (this.compatible) return new Error(`template not found: ${name}`)
    const places = this.loaders.flatMap((loader: any) => loader.folders ?? loader.searchPaths ?? [loader.constructor.name])
    return new LIVE_ERR_TEMPLATE_MISSING(`The template ${JSON.stringify(name)} is in none of: ${places.join(', ')}`)
  }
}

type Loaded = (error: unknown, source: LoaderSource | null, loader: Loader | undefined, resolved: string) => void

function nothing (...args: Parameters<RenderFunction>): void {
  args[4](null, '')
}

function foreign (name: string): Error {
  return new LIVE_ERR_TEMPLATE_OPTION(`The template ${JSON.stringify(name)} was compiled by nunjucks and cannot be analysed; give its source, or use { compatible: true }`)
}
