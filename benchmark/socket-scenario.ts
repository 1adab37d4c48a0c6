import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { openLive } from './live-client.ts'
import { figure, median } from './measure.ts'
import type { Figure } from './measure.ts'
import { openPlain } from './plain-client.ts'

/** What a scenario needs of either side. */
export interface BenchClient {
  readonly bytes: { up: number, down: number }
  click (event: string): Promise<unknown>
  close (): void
}

export interface Case {
  readonly name: string
  readonly after?: string
}

export interface Plan {
  readonly path: string
  readonly cases: readonly Case[]
  /** Connections that fire at once, each with one event in flight. */
  readonly connections: number
  /** Events of one connection in one round. */
  readonly events: number
  readonly rounds: number
}

export interface Measured {
  /** From the click to the whole answer, microseconds. */
  readonly roundTrip: Figure
  /** Server CPU of one event, microseconds; its untimed `after` counts in, where there is one. */
  readonly cpu: Figure
  readonly perSecond: Figure
  readonly up: number
  readonly down: number
}

interface Batch {
  readonly roundTrip: number
  readonly cpu: number
  readonly perSecond: number
  readonly up: number
  readonly down: number
}

const sides = { live: openLive, plain: openPlain } as const
export type SideName = keyof typeof sides

/** Both servers stay up, and take turns event by event and round by round. Keyed by `side case`. */
export async function measureSockets (plan: Plan): Promise<Map<string, Measured>> {
  const servers = await Promise.all([startServer('live'), startServer('plain')])
  const batches = new Map<string, Batch[]>()
  for (const current of plan.cases) {
    for (let round = -1; round < plan.rounds; round++) {
      for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
        const batch = await runBatch(server, plan, current)
        const key = `${server.side} ${current.name}`
        // Round -1 only warms up.
        batches.set(key, round < 0 ? [] : [...batches.get(key) ?? [], batch])
      }
    }
  }
  for (const server of servers) server.child.disconnect()
  return new Map([...batches].map(([key, all]) => [key, {
    roundTrip: figure(all.map((batch) => batch.roundTrip)),
    cpu: figure(all.map((batch) => batch.cpu)),
    perSecond: figure(all.map((batch) => batch.perSecond)),
    up: Math.round(median(all.map((batch) => batch.up))),
    down: Math.round(median(all.map((batch) => batch.down)))
  }]))
}

interface Server {
  readonly side: SideName
  readonly url: string
  readonly child: ChildProcess
}

async function startServer (side: SideName): Promise<Server> {
  const child = fork(new URL('./server.js', import.meta.url), [side], {
    env: { ...process.env, NODE_ENV: 'production' }
  })
  const [{ url }] = await once(child, 'message') as [{ url: string }]
  return { side, url, child }
}

async function usedCpu (server: Server): Promise<number> {
  server.child.send('cpu')
  const [{ cpu }] = await once(server.child, 'message') as [{ cpu: number }]
  return cpu
}

async function runBatch (server: Server, plan: Plan, current: Case): Promise<Batch> {
  const clients = await Promise.all(Array.from({ length: plan.connections }, () => sides[server.side](server.url + plan.path)))
  const times: number[] = []
  const counted = { up: 0, down: 0 }
  const play = async (client: BenchClient): Promise<void> => {
    for (let k = 0; k < plan.events; k++) {
      if (current.after !== undefined) await client.click(current.after)
      const before = { ...client.bytes }
      const start = performance.now()
      await client.click(current.name)
      times.push((performance.now() - start) * 1000)
      counted.up += client.bytes.up - before.up
      counted.down += client.bytes.down - before.down
    }
  }
  const cpu = await usedCpu(server)
  const start = performance.now()
  await Promise.all(clients.map(play))
  const seconds = (performance.now() - start) / 1000
  const used = await usedCpu(server) - cpu
  for (const client of clients) client.close()
  const total = plan.events * plan.connections
  return {
    roundTrip: median(times),
    cpu: used / total,
    perSecond: total / seconds,
    up: counted.up / total,
    down: counted.down / total
  }
}
