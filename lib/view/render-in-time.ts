import type { Tree } from '../template/tree.ts'
import { withDeadline } from './deadline.ts'

export interface RenderTimes {
  readonly view: string
  /** Milliseconds that a rendering may wait for asynchronous filters and tags. */
  readonly deadline: number
  /** Told of a rendering that took longer than a second. */
  readonly slowRender: ((view: string, ms: number) => void) | undefined
}

/** Milliseconds. */
const SLOW = 1000

/**
 * Renders, and rejects what never ends: an asynchronous filter that does not call back would hold up all events of its
 * connection, or a page's request. What is slow without waiting cannot be ended, since nothing else runs meanwhile; it is told.
 */
export function renderInTime (render: () => Tree | Promise<Tree>, times: RenderTimes): Tree | Promise<Tree> {
  const { view, deadline, slowRender } = times
  const began = performance.now()
  const noteTime = (): void => {
    const took = performance.now() - began
    if (took > SLOW) slowRender?.(view, took)
  }
  const tree = render()
  if (tree instanceof Promise) return withDeadline(tree, `rendering of view '${view}'`, deadline, () => {}).finally(noteTime)
  noteTime()
  return tree
}
