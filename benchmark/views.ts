import { defineView } from '../lib/view/define-view.ts'
import type { View } from '../lib/view/view.ts'
import { counterChanges, counterState, tableChanges, tableState } from './workloads.ts'
import type { Change } from './workloads.ts'

/** The workloads as live views. */
export const counterView: View = defineView({
  name: 'counter',
  template: 'counter.njk',
  access: 'public',
  state: () => counterState(),
  events: events(counterChanges)
})

export const tableView: View = defineView({
  name: 'table',
  template: 'table.njk',
  access: 'public',
  state: () => tableState(),
  events: events(tableChanges)
})

function events<State> (changes: readonly Change<State>[]): Record<string, { run: (context: { state: State }) => void }> {
  return Object.fromEntries(changes.map(({ name, run }) => [name, { run: ({ state }: { state: State }) => { run(state) } }]))
}
