import { compareRenders } from './render-scenario.ts'
import { renderTable } from './render-report.ts'
import { counterView } from './views.ts'
import { counterChanges, counterState } from './workloads.ts'

/** A 5 KB page with one number, in process. */
export default async function renderCounter (): Promise<string> {
  return renderTable('Counter, in process', await compareRenders(counterView, counterState, counterChanges, 2000, 9))
}
