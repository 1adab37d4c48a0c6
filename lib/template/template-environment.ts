import { LIVE_ERR_TEMPLATE_MISSING, LIVE_ERR_TEMPLATE_OPTION } from './errors.ts'
import { LiveTemplate } from './live-template.ts'
import { Environment, Template } from './nunjucks.ts'
import type { EnvironmentOptions, Loader, LoaderSource, RenderCallback, RenderFunction } from './nunjucks.ts'
import { Program } from './program.ts'
import { toLoaders } from './to-loaders.ts'
import type { TemplateSource } from './to-loaders.ts'

export type { TemplateSource } from './to-loaders.ts'

export interface TemplateEnvironmentOptions extends EnvironmentOptions {
  /** Byte-equal to nunjucks in everything: no refusals, `autoescape: false` allowed. Default false. */
  compatible?: boolean
}

/** nunjucks' Environment, same constructor and methods, whose templates are compiled to shapes and slots. */
export class TemplateEnvironment extends Environment {
  readonly compatible: boolean

  constructor (sources?: TemplateSource, options: TemplateEnvironmentOptions = {}) {
    const { compatible = false, ...rest } = options
    if (options.autoescape === false && !compatible) {
      throw new LIVE_ERR_TEMPLATE_OPTION('The template option autoescape is false; outside of compatible mode it must be true: ' +
        "print trusted HTML with '| safe'")
    }
    super(toLoaders(sources), rest)
    this.compatible = compatible
  }

  /** Compiles a template and all that it names in writing; throws coded errors with positions. */
  compile (name: string): Program {
    const program = new Program(this, name)
    if (!this.compatible) program.analysePlaces()
    return program
  }

  override getTemplate (name: any, eager?: any, parentName?: any, ignoreMissing?: any, callback?: any): any {
    const cb: RenderCallback | undefined = [eager, parentName, callback].find((argument) => typeof argument === 'function')
    const parent: string | null = typeof parentName === 'string' ? parentName : null
    // A String object, such as a SafeString, names a template too.
    const wanted = name?.raw ?? name
    if (wanted instanceof Template) {
      if (!this.compatible && !(wanted instanceof LiveTemplate)) throw foreign((wanted as LiveTemplate).path ?? '<object>')
      return this.#give(wanted as LiveTemplate, eager === true, cb)
    }
    if (typeof wanted !== 'string') throw new Error(`template names must be a string: ${wanted}`)
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
      if (error || source) done(error, source, loader, resolved)
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
