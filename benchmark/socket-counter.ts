import { bytes, ratio, show, table } from './report.ts'
import { measureSockets } from './socket-scenario.ts'
import type { Measured } from './socket-scenario.ts'

/** Fifty people click a counter as fast as the server answers: throughput and CPU of one event. */
export default async function socketCounter (): Promise<string> {
  const measured = await measureSockets({ path: '/counter', cases: [{ name: 'inc' }], connections: 50, events: 200, rounds: 7 })
  const live = measured.get('live inc') as Measured
  const plain = measured.get('plain inc') as Measured
  return 'Counter over real sockets, 50 connections, one event in flight each\n\n' + table(
    ['', 'live view', 'nunjucks, whole page', 'in favour of live'],
    [
      ['events/s', show(live.perSecond), show(plain.perSecond), ratio(live.perSecond, plain.perSecond)],
      ['server CPU, us/event', show(live.cpu), show(plain.cpu), ratio(plain.cpu, live.cpu)],
      ['round trip, us', show(live.roundTrip), show(plain.roundTrip), ratio(plain.roundTrip, live.roundTrip)],
      ['bytes up', bytes(live.up), bytes(plain.up), ''],
      ['bytes down', bytes(live.down), bytes(plain.down), '']
    ]
  )
}
