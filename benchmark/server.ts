import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * One side of a socket scenario in its own process, so that its CPU time can be told from the client's:
 * `node dist/benchmark/server.js live|guarded|plain`, driven over the IPC channel.
 */
const port = await freePort()
const side = process.argv[2]
const app = side === 'plain'
  ? await (await import('./plain-app.ts')).plainApp()
  : await (await import('./live-app.ts')).liveApp(`http://127.0.0.1:${port}`, side === 'guarded' ? 'default' : 'raised')

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

process.on('message', (question) => {
  if (question === 'gc') collect()
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  process.send?.({ cpu: user + system, rss, heap: heapUsed + external })
})
process.on('disconnect', () => process.exit())

process.send?.({ url: await app.listen({ port, host: '127.0.0.1' }) })

/** Production asks for the exact origin before it listens. */
async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
