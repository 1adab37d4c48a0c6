import { compareRenders } from './render-scenario.ts'
import { renderTable } from './render-report.ts'
import { tableView } from './views.ts'
import { tableChanges, tableState } from './workloads.ts'

/** 1000 rows of 5 values, in process. */
export default async function renderTableRows (): Promise<string> {
  return renderTable('Table of 1000 rows, in process', await compareRenders(tableView, () => tableState(), tableChanges, 30, 7))
}
