import type { FastifyBaseLogger } from 'fastify'

/** Says what a loader returned although nothing asked for it: a `select *`, mostly. */
export function noteOverDelivery (log: FastifyBaseLogger): (view: string, loader: string, paths: readonly string[]) => void {
  return (view, loader, paths) => {
    log.info({ view, loader, paths }, `loader '${loader}' of view '${view}' returned what no template asked for (dropped): ${paths.join(', ')}; ` +
      'ask for fields.columns')
  }
}
