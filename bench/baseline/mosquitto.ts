/**
 * Mosquitto, where it is installed, as broker of the same boxes: `MOSQUITTO` names the program and
 * `BOXES` says how many listen. One client publishes to all of them, as it takes no messages from
 * inside; its receipts say that Mosquitto has a message, not that a box does.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../ground/processes.ts'
import { idOf, packet, text } from '../soundbox/box.ts'
import { serveRig } from '../soundbox/broker-rig.ts'

const program = process.env['MOSQUITTO']!
const count = Number(process.env['BOXES'])
const reachMsMax = 30_000
const idsMax = 0xffff
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
const pageBytes = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }))

const mqttPort = await freePort()
const folder = mkdtempSync(join(tmpdir(), 'laju-mosquitto-'))
const configFile = join(folder, 'mosquitto.conf')
// Nothing is bounded that is not bounded on the other sides, and nothing is kept on the disk.
writeFileSync(
  configFile,
  [
    `listener ${mqttPort} 127.0.0.1`,
    ...['allow_anonymous true', 'persistence false', 'log_dest none', 'set_tcp_nodelay true'],
    ...['max_queued_messages 0', 'max_inflight_messages 0'],
    ...(process.getuid?.() === 0 ? ['user root'] : []),
  ].join('\n'),
)
const server: ChildProcess = spawn(program, ['-c', configFile], { stdio: 'ignore' })
let isLeaving = false
process.once('exit', () => {
  server.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    isLeaving = true
    server.kill('SIGKILL')
  })
}
server.once('exit', code => {
  if (!isLeaving) console.error(`mosquitto ended with ${code}`)
  process.exit(isLeaving ? 0 : 1)
})

const socket = await reached()
const waiting = new Map<number, string>()
let lastId = 0
let rest: Buffer = Buffer.alloc(0)
const protocol = Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0])
socket.write(packet(0x10, protocol, text('publisher')))

const received = serveRig({
  listening: Array.from({ length: count }, (_, n) => idOf(n)),
  publish(client, tag, message) {
    lastId = (lastId % idsMax) + 1
    waiting.set(lastId, tag)
    const id = Buffer.from([lastId >> 8, lastId & 0xff])
    const topic = text(`devices/${client}/downlink/payment`)
    socket.write(packet(0x32, topic, id, Buffer.from(JSON.stringify(message))))
    return true
  },
  cost: costOf,
  mqttPort,
})

socket.on('data', chunk => {
  const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
  let at = 0
  // CONNACK and PUBACK are all that a publisher hears, and both are four bytes long.
  for (; bytes.length - at >= 4; at += 4) {
    if (bytes[at] !== 0x40) continue
    const id = bytes.readUInt16BE(at + 2)
    const tag = waiting.get(id)
    waiting.delete(id)
    if (tag !== undefined) received(tag)
  }
  rest = bytes.subarray(at)
})

function costOf() {
  const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  return {
    rss: Number(fields[21]) * pageBytes,
    cpuUs: (ticks / ticksPerSecond) * 1_000_000,
  }
}

async function reached(): Promise<Socket> {
  const until = performance.now() + reachMsMax
  for (;;) {
    const tried = connect({ port: mqttPort, host: '127.0.0.1', noDelay: true })
    const isOpen = await new Promise<boolean>(resolve => {
      tried.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    if (isOpen) return tried
    if (performance.now() > until) throw new Error('mosquitto can not be reached')
    await pause(20)
  }
}
