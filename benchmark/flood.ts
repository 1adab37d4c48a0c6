import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { openLive } from './live-client.ts'
import type { LiveClient } from './live-client.ts'
import { figure, median } from './measure.ts'
import type { Figure } from './measure.ts'
import { bytes, show, table } from './report.ts'

const ROUNDS = 7
const SECONDS = 2
/** Honest people think between clicks, and stay within the limits, which are the defaults here. */
const PAUSE = 20

interface Memory { readonly rss: number, readonly heap: number }
interface Counted { readonly sockets: number, readonly refused: number, readonly bytes: number }
interface Pair { readonly quiet: Figure, readonly flood: Figure }
interface Round { readonly latency: number, readonly peak: number }

/**
 * One address floods with what no client sends while another clicks: what the flood costs the server's memory, and the honest
 * client's time. Quiet and flooded rounds take turns.
 */
export default async function flood (): Promise<string> {
  const server = fork(new URL('./server.js', import.meta.url), ['guarded'], { env: { ...process.env, NODE_ENV: 'production' } })
  const [{ url }] = await once(server, 'message') as [{ url: string }]
  const flooder = fork(new URL('./flooder.js', import.meta.url), [`${url}/counter`])
  await once(flooder, 'message')
  const client = await openLive(`${url}/counter`)
  const rounds: Record<'quiet' | 'flood', Round[]> = { quiet: [], flood: [] }
  let counted: Counted = { sockets: 0, refused: 0, bytes: 0 }

  // The first ones warm up: what is compiled and allocated once is no growth.
  for (let k = 0; k < 3; k++) await round(client, server)
  for (let k = 0; k < 4; k++) {
    await ask(flooder, 'start')
    await round(client, server)
    await ask(flooder, 'stop')
  }
  const before = await ask<Memory>(server, 'gc')
  for (let k = 0; k < ROUNDS; k++) {
    for (const side of k % 2 === 0 ? ['quiet', 'flood'] as const : ['flood', 'quiet'] as const) {
      if (side === 'flood') await ask(flooder, 'start')
      rounds[side].push(await round(client, server))
      if (side === 'flood') counted = await ask<Counted>(flooder, 'stop')
    }
  }
  const after = await ask<Memory>(server, 'gc')
  client.close()
  server.disconnect()
  flooder.disconnect()

  const [latency, peak] = (['latency', 'peak'] as const).map((name) => ({
    quiet: figure(rounds.quiet.map((each) => each[name])), flood: figure(rounds.flood.map((each) => each[name]))
  })) as [Pair, Pair]
  const ratios = figure(rounds.flood.map((each, k) => each.latency / (rounds.quiet[k] as Round).latency))
  return `Flood from one address, ${ROUNDS} rounds of ${SECONDS} s; another address clicks. In all ` +
    `${bytes(counted.sockets)} sockets, ${bytes(counted.refused)} refused handshakes, ${bytes(counted.bytes)} bytes written\n\n` + table(
    ['', 'quiet', 'flood', 'flood : quiet'],
    [
      ["honest client's median round trip, us", show(latency.quiet), show(latency.flood), `${show(ratios)}x`],
      ['highest RSS of a round, MB', show(peak.quiet), show(peak.flood), `${(peak.flood.median - peak.quiet.median).toFixed(2)} MB`],
      ['RSS after collection, before and after all, MB', megabytes(before.rss), megabytes(after.rss), `${megabytes(after.rss - before.rss)} MB`],
      ['heap and buffers after collection, MB', megabytes(before.heap), megabytes(after.heap), `${megabytes(after.heap - before.heap)} MB`]
    ]
  )
}

/** Clicks for a while, and looks at the server's memory meanwhile. */
async function round (client: LiveClient, server: ChildProcess): Promise<Round> {
  const times: number[] = []
  let peak = 0
  let look = performance.now()
  const end = look + SECONDS * 1000
  while (performance.now() < end) {
    const start = performance.now()
    await client.click('inc')
    times.push((performance.now() - start) * 1000)
    if (performance.now() > look) {
      peak = Math.max(peak, (await ask<Memory>(server, 'memory')).rss)
      look += 200
    }
    await new Promise((resolve) => { setTimeout(resolve, PAUSE) })
  }
  return { latency: median(times), peak: peak / 2 ** 20 }
}

async function ask<Answer> (child: ChildProcess, question: string): Promise<Answer> {
  child.send(question)
  const [answer] = await once(child, 'message') as [Answer]
  return answer
}

function megabytes (count: number): string {
  return (count / 2 ** 20).toFixed(2)
}
