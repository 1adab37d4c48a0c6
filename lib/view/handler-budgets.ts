import { createKeyedBuckets } from '../limits/keyed-buckets.ts'
import type { KeyedBuckets } from '../limits/keyed-buckets.ts'
import type { View } from './view.ts'

/** Budgets of a view's events that have one, by event name. */
export type HandlerBudgets = (view: View) => ReadonlyMap<string, KeyedBuckets>

/** One budget a view and event, whatever the number of routes that show it: more routes give nobody more. */
export function createHandlerBudgets (now: () => number): HandlerBudgets {
  const known = new Map<View, ReadonlyMap<string, KeyedBuckets>>()
  return (view) => {
    const budgets = known.get(view) ?? budgetsOf(view, now)
    known.set(view, budgets)
    return budgets
  }
}

function budgetsOf ({ events }: View, now: () => number): ReadonlyMap<string, KeyedBuckets> {
  return new Map([...events.values()].flatMap(({ name, rateLimit }) =>
    rateLimit === null ? [] : [[name, createKeyedBuckets({ ...rateLimit, now })] as const]))
}
