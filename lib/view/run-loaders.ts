import { LIVE_ERR_DEADLINE } from './errors.ts'
import { hearParts } from './hear-promises.ts'
import { isThenable } from './is-thenable.ts'
import type { LoadOutcome, LoadRequest, RoundOptions } from './load-round.ts'
import { wrapFailure } from './loader-error.ts'

/** One loader that has not answered yet. */
interface Running {
  readonly index: number
  /** Made when the loader first asks for its signal: most never do, and one costs more than a small loader. */
  abort: AbortController | null
}

/**
 * Runs loaders in parallel. What has not answered by the deadline, or when the outer signal is aborted, has failed; its own
 * signal is aborted then. One timer and one listener serve the round.
 */
export function runLoaders (requests: readonly LoadRequest[], options: RoundOptions): Promise<LoadOutcome[]> {
  const { view, deadline, signal: outer } = options
  const outcomes: LoadOutcome[] = []
  const running = new Set<Running>()
  let over = false

  function start (request: LoadRequest, index: number): void {
    const own: Running = { index, abort: null }
    const { loader: { load, name }, needs, context } = request
    const fail = (cause: unknown): void => { outcomes[index] = { name, data: undefined, error: wrapFailure(view, name, cause) } }
    const succeed = (data: unknown): void => {
      outcomes[index] = { name, data, error: null }
      hearParts(data)
    }
    try {
      outer.throwIfAborted()
      const given = load({
        ...context,
        fields: needs.selection,
        get signal (): AbortSignal {
          own.abort ??= new AbortController()
          if (over || outer.aborted) own.abort.abort(outer.aborted ? outer.reason : undefined)
          return own.abort.signal
        },
      })
      if (!isThenable(given)) {
        succeed(given)
        return
      }
      running.add(own)
      given.then((data) => {
        if (!running.delete(own)) return
        succeed(data)
        if (running.size === 0) finish()
      }, (cause: unknown) => {
        if (!running.delete(own)) return
        fail(cause)
        if (running.size === 0) finish()
      })
    } catch (cause) {
      // A `then` that throws when it has answered has answered.
      if (outcomes[index] !== undefined) return
      running.delete(own)
      fail(cause)
    }
  }

  /** Fails all that still run. In this order: what a loader answers to the abort comes too late. */
  function giveUp (reasonOf: (name: string) => unknown): void {
    const open = [...running]
    running.clear()
    over = true
    for (const { index } of open) {
      const { name } = (requests[index] as LoadRequest).loader
      outcomes[index] = { name, data: undefined, error: wrapFailure(view, name, reasonOf(name)) }
    }
    finish()
    for (const { abort } of open) abort?.abort(outer.aborted ? outer.reason : undefined)
  }

  let finish: () => void = () => {}
  requests.forEach(start)
  if (running.size === 0) return Promise.resolve(outcomes)
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      giveUp((name) => new LIVE_ERR_DEADLINE(`loader '${name}' of view '${view}'`, deadline))
    }, deadline)
    const ended = (): void => { giveUp(() => outer.reason) }
    outer.addEventListener('abort', ended, { once: true })
    finish = () => {
      clearTimeout(timer)
      outer.removeEventListener('abort', ended)
      resolve(outcomes)
    }
  })
}
