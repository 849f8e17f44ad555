/**
 * How many purchases a second one sandbox sells with faults off, asked over raw kept-alive
 * sockets, one call at a time on each:
 *
 *   node deploy/sandbox/sandbox.bench.ts [purchases=500000] [connections=64]
 *
 * Starts a sandbox process of its own, so the figure is that of one core against another.
 */

import { spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

const purchases = Number(process.argv[2] ?? 500_000)
const connections = Number(process.argv[3] ?? 64)

const main = new URL('main.ts', import.meta.url).pathname
const child = spawn(process.execPath, [main], {
  env: { ...process.env, SANDBOX_PORT: '0' },
  stdio: ['ignore', 'pipe', 'ignore'],
})
const ready = await new Promise<string>(resolve => {
  createInterface(child.stdout).once('line', resolve)
})
const { sandbox } = JSON.parse(ready) as { sandbox: string }
const { hostname, port } = new URL(sandbox)

const ask = async (path: string, wish: object) => {
  const answer = await fetch(sandbox + path, { method: 'POST', body: JSON.stringify(wish) })
  if (!answer.ok) throw new Error(await answer.text())
}
await ask('/_sandbox/accounts', { party: 'digiflazz', username: 'bench', api_key: 'key' })
await ask('/_sandbox/faults', { latency: 0 })

let sent = 0
let sold = 0
const startedAt = performance.now()
await Promise.all(Array.from({ length: connections }, () => buyer()))
const seconds = (performance.now() - startedAt) / 1000

const health = (await (await fetch(`${sandbox}/_sandbox/health`)).json()) as { memory_mb: number }
const readAt = performance.now()
const rows = (await (await fetch(`${sandbox}/_sandbox/sales`)).json()) as unknown[]
const readMs = Math.round(performance.now() - readAt)
console.log(
  `${sold} sold in ${seconds.toFixed(1)} s: ${Math.round(sold / seconds)}/s on ${connections} ` +
    `connections; ${health.memory_mb} MB resident; ${rows.length} rows read in ${readMs} ms`,
)
child.kill()

function purchase(number: number): string {
  const ref = `0193a7c2-4d1e-70a1-9f3c-${String(number).padStart(12, '0')}`
  const sign = hash('md5', `benchkey${ref}`)
  const target = `0812${String(number).padStart(8, '0')}`
  const body =
    `{"username":"bench","buyer_sku_code":"bench10","customer_no":"${target}",` +
    `"ref_id":"${ref}","sign":"${sign}"}`
  return (
    `POST /digiflazz/v1/transaction HTTP/1.1\r\nHost: ${hostname}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  )
}

function buyer(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    const next = () => {
      if (sent < purchases) socket.write(purchase(sent++))
      else {
        socket.end()
        resolve()
      }
    }
    let text = ''
    socket.setEncoding('latin1').setNoDelay(true)
    socket.on('connect', next)
    socket.on('error', reject)
    socket.on('data', (chunk: string) => {
      text += chunk
      if (!text.endsWith('}}')) return
      if (text.includes('"rc":"00"')) sold++
      text = ''
      next()
    })
  })
}
