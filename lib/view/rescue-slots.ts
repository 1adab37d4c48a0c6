import { escape } from '../template/nunjucks.ts'
import { fitOfMarkup } from '../template/rescue-fit.ts'
import type { Fit } from '../template/rescue-fit.ts'
import type { Rescue, ShownGap } from '../template/rescue-gap.ts'
import { Html } from '../template/tree.ts'
import type { Slot, Tree } from '../template/tree.ts'
import type { Unavailable } from '../template/unavailable.ts'
import type { Fallbacks } from './rescue-fallbacks.ts'

export interface RescueOptions {
  readonly fallbacks: Fallbacks
  /** The names that the page is rendered with. */
  readonly page: Readonly<Record<string, unknown>>
  /** Told when a fallback fails itself; what is shown then is the region. */
  readonly fallbackFailed: (loader: string, error: unknown) => void
}

/**
 * A region, and what it needs around it where the parser takes cells or rows only. A row of its own is as wide as the table,
 * whatever columns that has; a cell is one among others.
 */
const regions = [['', ''], ['<td>', '</td>'], ['<tr><td colspan="100">', '</td></tr>']].map(([open, close]) => {
  // eslint-disable-next-line live-security/no-html-template -- of the constants above
  return { open, close, fit: fitOfMarkup(`${open}<span>x</span>${close}`) }
})

/** What a person sees of a failure: that there was one, and where support finds it in the log. */
function regionIn (places: readonly Place[], { errorId }: Unavailable): { place: Place, html: Html } | null {
  const id = escape(errorId)
  for (const place of places) {
    const around = regions.find(({ fit }) => fits(place, fit))
    if (around === undefined) continue
    const { open, close } = around
    // eslint-disable-next-line live-security/no-html-template -- the id is escaped
    const region = `<span class="live-error" role="alert" data-live-error="${id}">This part could not be loaded. Reference: ${id}</span>`
    return { place, html: new Html(`${open}${region}${close}`) }
  }
  return null
}

/**
 * Fills the gaps of one rendering. Each loader is stood in for once, in its first place that has room: a table of a thousand
 * rows says once that something is missing.
 */
export function createRescue ({ fallbacks, page, fallbackFailed }: RescueOptions): Rescue {
  return (gaps) => {
    const values: Slot[] = gaps.map(() => '')
    const later: Array<Promise<void>> = []
    for (const own of byLoader(gaps).values()) {
      const { missing } = own[0]!.gap
      const put = (place: Place, value: Slot): void => { values[place.index] = value }
      const showRegion = (): void => {
        const region = missing.why === 'failed' ? regionIn(own, missing) : null
        if (region !== null) put(region.place, region.html)
      }
      const failed = (error: unknown): void => {
        fallbackFailed(missing.loader, error)
        showRegion()
      }
      const fallback = fallbacks.get(missing.loader)
      const place = fallback === undefined ? undefined : firstFitting(own, fallback.fit)
      if (fallback === undefined || place === undefined) {
        showRegion()
        continue
      }
      try {
        const tree: Tree | Promise<Tree> = fallback.program.render({ ...page, unavailable: missing })
        if (tree instanceof Promise) later.push(tree.then((ready) => put(place, ready)).catch(failed))
        else put(place, tree)
      } catch (error) {
        failed(error)
      }
    }
    return later.length === 0 ? values : Promise.all(later).then(() => values)
  }
}

interface Place {
  readonly gap: ShownGap
  readonly index: number
}

function byLoader (gaps: readonly ShownGap[]): ReadonlyMap<string, Place[]> {
  const places = new Map<string, Place[]>()
  gaps.forEach((gap, index) => {
    const { loader } = gap.missing
    const own = places.get(loader) ?? []
    places.set(loader, own)
    own.push({ gap, index })
  })
  return places
}

function firstFitting (places: readonly Place[], fit: Fit): Place | undefined {
  return places.find((place) => fits(place, fit))
}

function fits ({ gap: { holder, slot } }: Place, fit: Fit): boolean {
  return fit(holder, slot) === null
}
