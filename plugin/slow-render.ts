import type { FastifyBaseLogger } from 'fastify'

/** Warns of renderings that hold up all others, once for each view. */
export function noteSlowRender (log: FastifyBaseLogger): (view: string, ms: number) => void {
  const noted = new Set<string>()
  return (view, ms) => {
    if (noted.has(view)) return
    noted.add(view)
    log.warn({ view, ms: Math.round(ms) }, `rendering view '${view}' took longer than a second, and held up everybody else unless it only waited: ` +
      'show less at once, or leave to a loader what is computed in the template')
  }
}
