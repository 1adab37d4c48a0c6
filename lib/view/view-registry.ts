import { LIVE_ERR_VIEW_DUPLICATE, LIVE_ERR_VIEW_UNKNOWN } from './errors.ts'
import type { View } from './view.ts'

/** The views of one application, by name. Only these can ever be mounted: nothing that a client sends names a view. */
export class ViewRegistry {
  readonly #views = new Map<string, View>()

  /** Adding the same view again is harmless; another one under its name throws LIVE_ERR_VIEW_DUPLICATE. */
  add (view: View): void {
    const known = this.#views.get(view.name)
    if (known !== undefined && known !== view) throw new LIVE_ERR_VIEW_DUPLICATE(view.name)
    this.#views.set(view.name, view)
  }

  /** Throws LIVE_ERR_VIEW_UNKNOWN, which lists the names that exist. */
  get (name: string): View {
    const view = this.#views.get(name)
    if (view === undefined) throw new LIVE_ERR_VIEW_UNKNOWN(name, [...this.#views.keys()].join(', ') || 'none')
    return view
  }

  [Symbol.iterator] (): IterableIterator<View> {
    return this.#views.values()
  }
}
