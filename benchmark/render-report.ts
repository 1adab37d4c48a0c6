import { bytes, ratio, show, table } from './report.ts'
import type { Compared } from './render-scenario.ts'

/** An event, or the first page, a line. */
export function renderTable (title: string, compared: readonly Compared[]): string {
  return `${title}: live view (change, render, diff, encode) beside nunjucks (change, render the page); microseconds\n\n` + table(
    ['', 'live view', 'nunjucks, whole page', 'ratio', 'bytes: live', 'nunjucks'],
    compared.map(({ name, live, plain, liveBytes, plainBytes }) =>
      [name, show(live), show(plain), ratio(plain, live), bytes(liveBytes), bytes(plainBytes)])
  )
}
