/**
 * Many boxes in one process, as lean as firmware: each logs in, subscribes to its own topics, and
 * acknowledges what it is told. `MQTT_PORT` and `BOXES` say where and how many. Over HTTP:
 *
 *   GET /heard                        how many messages came
 *   GET /beat?messages=n&inflight=n   heartbeats of QoS 1, one box after the other; in seconds
 *   GET /clock?messages=n&perSecond=n heartbeats by the clock, as from boxes that know nothing of
 *                                     each other; in seconds
 *   GET /again                        all lose their connection and come back at once; in seconds
 */
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { Box, idOf } from './box.ts'

const port = Number(process.env['MQTT_PORT'])
const count = Number(process.env['BOXES'])
const atOnce = 100
let heard = 0

const onTold = () => {
  heard++
  return null
}
const boxes = Array.from(
  { length: count },
  (_, n) => new Box({ port, id: idOf(n), secret: 'secret', onTold }),
)

async function timed(work: () => Promise<unknown>): Promise<{ seconds: number }> {
  const began = performance.now()
  await work()
  return { seconds: (performance.now() - began) / 1_000 }
}

/** So many at a time, each of another box. */
async function beats(messages: number, inFlight: number): Promise<void> {
  const lanes = Math.min(inFlight, count)
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      for (let n = lane; n < messages; n += lanes) await boxes[n % count]!.beat()
    }),
  )
}

async function byTheClock(messages: number, perSecond: number): Promise<void> {
  const beganMs = performance.now()
  const receipts: Promise<void>[] = []
  while (receipts.length < messages) {
    const due = Math.min(messages, ((performance.now() - beganMs) * perSecond) / 1_000)
    while (receipts.length < due) receipts.push(boxes[receipts.length % count]!.beat())
    await pause(1)
  }
  await Promise.all(receipts)
}

async function again(): Promise<void> {
  for (const box of boxes) box.cut()
  await Promise.all(boxes.map(box => box.open()))
}

for (let n = 0; n < count; n += atOnce) {
  await Promise.all(boxes.slice(n, n + atOnce).map(box => box.open()))
}
const control = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const number = (name: string) => Number(searchParams.get(name))
  const told =
    pathname === '/beat'
      ? timed(() => beats(number('messages'), number('inflight')))
      : pathname === '/clock'
        ? timed(() => byTheClock(number('messages'), number('perSecond')))
        : pathname === '/again'
          ? timed(again)
          : Promise.resolve({ heard })
  told.then(
    answer => response.end(JSON.stringify(answer)),
    cause => response.writeHead(500).end(String(cause)),
  )
})
control.listen(0, '127.0.0.1', () => {
  const { port } = control.address() as { port: number }
  console.log(JSON.stringify({ ready: true, http: `http://127.0.0.1:${port}` }))
})
