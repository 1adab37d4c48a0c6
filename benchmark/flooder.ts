import { once } from 'node:events'
import { get } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { frame } from './raw-frame.ts'

/**
 * The attacker, in a process of its own: ten sockets from 127.0.0.2 that send as fast as they are let, and come again at once
 * when they are closed or refused. `node dist/benchmark/flooder.js URL`; `start` and `stop` over the IPC channel.
 */
const url = process.argv[2] as string
const SOCKETS = 10
const PACKET = 65_536

function packet (one: Buffer): Buffer {
  return Buffer.concat(Array.from({ length: Math.ceil(PACKET / one.length) }, () => one))
}

const begun = frame('x', { fin: false })
const floods = [
  packet(frame('x', { rsv: 7 })),
  packet(frame('x'.repeat(70_000))),
  frame('', { length: 2 ** 30 }),
  Buffer.concat([begun, packet(frame('x', { opcode: 0, fin: false }))]),
  Buffer.concat([begun, packet(frame('', { opcode: 0, fin: false }))]),
  packet(frame('x'.repeat(125), { opcode: 9 })),
  packet(frame('', { opcode: 9 })),
  packet(frame('', { opcode: 10 })),
  packet(frame('{')),
  packet(frame('["e",1,"inc","click",[],2]')),
]

const counted = { sockets: 0, refused: 0, bytes: 0 }
const state = { running: false, turn: 0 }

async function attack (): Promise<void> {
  const flood = floods[state.turn++ % floods.length] as Buffer
  const socket = await upgrade()
  counted.sockets++
  const ended = new Promise((resolve) => { socket.once('close', resolve) })
  while (state.running && !socket.readableEnded && !socket.destroyed) {
    counted.bytes += flood.length
    if (socket.write(flood)) await setImmediate()
    else await Promise.race([once(socket, 'drain').catch(() => {}), ended])
  }
  socket.destroy()
}

/** Rejects where the handshake is refused. */
async function upgrade (): Promise<Socket> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    'sec-websocket-protocol': 'live.v1',
    origin: new URL(url).origin
  }
  const request = get(url, { headers, localAddress: '127.0.0.2', agent: false })
  return await new Promise((resolve, reject) => {
    request.on('upgrade', (response, socket) => {
      // What comes is thrown away, and a reset is an end like any other.
      socket.on('error', () => {}).resume()
      resolve(socket as Socket)
    })
    request.on('response', (response) => {
      response.resume()
      reject(new Error(`status ${response.statusCode}`))
    })
    request.on('error', reject)
  })
}

async function keepOn (): Promise<void> {
  while (state.running) await attack().catch(() => { counted.refused++ })
}

let attackers: Array<Promise<void>> = []
process.on('message', async (order) => {
  state.running = order === 'start'
  if (state.running) attackers = Array.from({ length: SOCKETS }, keepOn)
  else await Promise.all(attackers)
  process.send?.({ ...counted })
})
process.on('disconnect', () => process.exit())
process.send?.({ ...counted })
