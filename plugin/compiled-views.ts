import { createNameCheck } from '../lib/template/fields/name-check.ts'
import type { NameCheck } from '../lib/template/fields/name-check.ts'
import { compileView } from '../lib/view/compiled-view.ts'
import type { CompiledView } from '../lib/view/compiled-view.ts'
import type { Mount } from '../lib/view/mount.ts'
import { stateKeysOf } from '../lib/view/state-keys.ts'
import { ViewRegistry } from '../lib/view/view-registry.ts'
import type { View } from '../lib/view/view.ts'
import type { LiveViewSettings } from './options.ts'

/** What templates of views have besides. */
const TEMPLATE_NAMES = ['can', 'flash']

/** The views of one application, each compiled once: all when the application is ready, those that come later at once. */
export class CompiledViews {
  readonly #settings: LiveViewSettings
  readonly #registry = new ViewRegistry()
  readonly #compiled = new Map<View, CompiledView>()
  readonly #names = new Map<CompiledView, NameCheck>()
  #ready = false

  constructor (settings: LiveViewSettings) {
    this.#settings = settings
  }

  add (view: View): void {
    this.#registry.add(view)
    if (this.#ready) this.of(view)
  }

  /** Throws LIVE_ERR_VIEW_UNKNOWN for a name that is not registered. */
  get (name: string): View {
    return this.#registry.get(name)
  }

  /** Compiles all views: whatever is wrong with one ends the boot. */
  compileAll (): void {
    for (const view of this.#registry) this.of(view)
    this.#ready = true
  }

  all (): readonly CompiledView[] {
    return [...this.#compiled.values()]
  }

  of (view: View): CompiledView {
    let compiled = this.#compiled.get(view)
    if (compiled === undefined) {
      const { environment, eventSecurity, globalNames } = this.#settings
      compiled = compileView(view, environment, eventSecurity)
      this.#compiled.set(view, compiled)
      this.#names.set(compiled, createNameCheck({
        fields: compiled.fields,
        state: stateKeysOf(view),
        loaders: Object.keys(view.loaders),
        globals: [...TEMPLATE_NAMES, ...Object.keys(environment.globals)],
        requestGlobals: globalNames,
      }))
    }
    return compiled
  }

  /** Throws where a template names something that nothing gives; looks at what was not known at boot, outside of production. */
  checkNames (mount: Mount): void {
    if (!this.#settings.production) this.#names.get(mount.compiled)?.atMount(Object.keys(mount.state), Object.keys(mount.globals))
  }
}
