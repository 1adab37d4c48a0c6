import { bytes, ratio, show, table } from './report.ts'
import { measureSockets } from './socket-scenario.ts'
import type { Measured } from './socket-scenario.ts'
import { tableChanges } from './workloads.ts'

/** One connection changes its table of 1000 rows, one event after the other. */
export default async function socketTable (): Promise<string> {
  const measured = await measureSockets({ path: '/table', cases: tableChanges, connections: 1, events: 100, rounds: 5 })
  const rows = tableChanges.map(({ name, after }) => {
    const live = measured.get(`live ${name}`) as Measured
    const plain = measured.get(`plain ${name}`) as Measured
    const cpu = after === undefined ? [show(live.cpu), show(plain.cpu), ratio(plain.cpu, live.cpu)] : ['', '', '']
    return [
      name, show(live.roundTrip), show(plain.roundTrip), ratio(plain.roundTrip, live.roundTrip),
      ...cpu, bytes(live.up + live.down), bytes(plain.up + plain.down)
    ]
  })
  return 'Table of 1000 rows over a real socket, one connection; microseconds, bytes of both directions\n\n' + table(
    ['event', 'round trip: live', 'plain', 'ratio', 'server CPU: live', 'plain', 'ratio', 'bytes: live', 'plain'],
    rows
  )
}
