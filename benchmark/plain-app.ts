import websocket from '@fastify/websocket'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { plainTemplate } from './plain-nunjucks.ts'
import { counterChanges, counterState, tableChanges, tableState } from './workloads.ts'
import type { Change } from './workloads.ts'

/**
 * What is written without a live view: state per connection, nunjucks renders the whole page for every event, the HTML
 * goes over the socket. No guard of any kind, which is to its advantage.
 */
export async function plainApp (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(websocket)

  function serve<State extends object> (path: string, name: string, start: () => State, changes: readonly Change<State>[]): void {
    const template = plainTemplate(name)
    const runs = new Map(changes.map((change) => [change.name, change.run]))
    app.route({
      method: 'GET',
      url: path,
      handler: (request, reply) => reply.type('text/html').send(template.render(start())),
      wsHandler: (socket) => {
        const state = start()
        socket.on('message', (data: Buffer) => {
          runs.get(String(data))?.(state)
          socket.send(template.render(state))
        })
      }
    })
  }

  serve('/counter', 'counter.njk', counterState, counterChanges)
  serve('/table', 'table.njk', tableState, tableChanges)
  return app
}
