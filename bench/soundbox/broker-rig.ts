/**
 * A broker by itself under the bench: messages are made in its own process and published as fast
 * as receipts come back. Asked over HTTP: `GET /run?messages=n&inflight=n`, `GET /cost`.
 */

import { createServer } from 'node:http'

export type Rig = {
  /** Names of the clients that listen. */
  readonly listening: readonly string[]
  /** False: it was not taken. */
  readonly publish: (
    client: string,
    tag: string,
    payload: Readonly<Record<string, unknown>>,
  ) => boolean
  readonly mqttPort: number
  /** Of whoever is the broker; without it, this process. */
  readonly cost?: () => Cost
}

type Cost = { readonly rss: number; readonly cpuUs: number }

/** Serves the rig; the answer is what a broker calls for each receipt. */
export function serveRig({
  listening,
  publish,
  mqttPort,
  cost = ownCost,
}: Rig): (tag: string) => void {
  let onReceipt: (tag: string) => void = () => {}

  async function run(messages: number, inFlight: number) {
    const began = performance.now()
    const at = new Map<string, number>()
    const took: number[] = []
    let sent = 0
    await new Promise<void>((resolve, reject) => {
      const more = () => {
        while (at.size < inFlight && sent < messages) {
          const tag = String(sent)
          at.set(tag, performance.now())
          const isTaken = publish(listening[sent++ % listening.length]!, tag, {
            ...{ message_id: tag, transaction_id: tag, amount: 50_000, currency: 'IDR' },
            ...{ text: 'lima puluh ribu rupiah', lang: 'id', ts: '2026-01-02T03:04:05.678Z' },
          })
          if (!isTaken) return reject(new Error(`${tag} was not taken`))
        }
      }
      onReceipt = tag => {
        took.push(performance.now() - at.get(tag)!)
        at.delete(tag)
        if (took.length === messages) resolve()
        else more()
      }
      more()
    })
    const seconds = (performance.now() - began) / 1_000
    took.sort((a, b) => a - b)
    return { perSecond: messages / seconds, p99Ms: took[Math.floor(took.length * 0.99)]! }
  }

  const control = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const number = (name: string) => Number(searchParams.get(name))
    const told =
      pathname === '/run' ? run(number('messages'), number('inflight')) : Promise.resolve(cost())
    told.then(
      answer => response.end(JSON.stringify(answer)),
      cause => response.writeHead(500).end(String(cause)),
    )
  })
  control.listen(0, '127.0.0.1', () => {
    const { port } = control.address() as { port: number }
    console.log(JSON.stringify({ ready: true, http: `http://127.0.0.1:${port}`, mqtt: mqttPort }))
  })
  return tag => onReceipt(tag)
}

function ownCost(): Cost {
  globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  return { rss: process.memoryUsage().rss, cpuUs: user + system }
}
