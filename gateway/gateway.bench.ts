/**
 * What one core of the gateway can take: POST /api/v1/transactions, signed, with a service that
 * answers at once. The load runs in a process of its own; the rate is requests per second of CPU
 * time of the gateway's process, so that a busy machine does not change it much.
 *
 *   node gateway/gateway.bench.ts [seconds]
 */

import { fork } from 'node:child_process'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { order, Stage, signedHeaders } from './scripted.fixture.ts'

const connections = 64

async function measure(seconds: number): Promise<void> {
  const stage = await Stage.open()
  stage.asked.push = () => 0
  const load = fork(fileURLToPath(import.meta.url), ['load', String(stage.port), String(seconds)])
  await new Promise(resolve => load.once('message', resolve))
  const before = process.cpuUsage()
  const count = await new Promise<number>(resolve =>
    load.once('message', message => resolve(message as number)),
  )
  const { user, system } = process.cpuUsage(before)
  const cpuS = (user + system) / 1e6
  await stage.close()
  console.log(
    JSON.stringify({
      requests: count,
      perWallS: Math.round(count / seconds),
      perCpuS: Math.round(count / cpuS),
      userShare: Number((user / (user + system)).toFixed(2)),
    }),
  )
}

function press(port: number, seconds: number): void {
  let count = 0
  let refs = 0
  let stopped = false
  const request = (): string => {
    const body = order({ ref_id: `ref-${++refs}`, max_price: 12_000 })
    const headers = signedHeaders({ method: 'POST', path: '/api/v1/transactions', body })
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    return `POST /api/v1/transactions HTTP/1.1\r\nHost: bench\r\n${lines.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  }
  // Signed beforehand: the load must not be slower than what it loads.
  const requests = Array.from({ length: 4_096 }, request)
  for (let i = 0; i < connections; i++) {
    const socket = connect(port, '127.0.0.1')
    socket.setNoDelay(true)
    let next = i
    const fire = () => socket.write(requests[(next += connections) % requests.length]!)
    socket.on('data', chunk => {
      if (count < 1 && !chunk.includes('200 OK')) throw new Error(chunk.toString())
      count++
      if (!stopped) fire()
    })
    socket.on('connect', fire)
  }
  setTimeout(() => {
    process.send!('warm')
    count = 0
    setTimeout(() => {
      stopped = true
      process.send!(count)
      process.disconnect()
      setTimeout(() => process.exit(), 100)
    }, seconds * 1_000)
  }, 2_000)
}

if (process.argv[2] === 'load') press(Number(process.argv[3]), Number(process.argv[4]))
else await measure(Number(process.argv[2] ?? 5))
