/**
 * Our broker beside Aedes as it comes: so many boxes connected, messages of QoS 1 to one topic
 * each, so many without a receipt at any moment. Both in processes of their own, the boxes in
 * another.
 *
 * BRG1. Every message is heard and acknowledged exactly once, on both sides.
 * BRG2. Memory is what a process has more with its boxes than without, after a collection.
 */
import { resolve } from 'node:path'
import type { Findings } from './beside.ts'
import type { PartSizes } from './part-sizes.ts'
import { type Started, start } from './processes.ts'
import { say } from './turns.ts'

const inFlight = 200
const files = {
  ours: resolve(import.meta.dirname, '../broker/alone.bench.ts'),
  baseline: resolve(import.meta.dirname, 'baseline/aedes.ts'),
  boxes: resolve(import.meta.dirname, 'boxes.ts'),
}
type Side = 'ours' | 'baseline'
type Cost = { readonly rss: number; readonly cpuUs: number }
type Ran = { readonly perSecond: number; readonly p99Ms: number }

/** A broker with its boxes. */
class House {
  readonly #parts: Started[] = []
  kbPerBox = 0

  async open(side: Side, boxes: number): Promise<House> {
    const env = { NODE_OPTIONS: '--expose-gc' }
    const broker = await start({ name: side, file: files[side], env })
    this.#parts.push(broker)
    const empty = await asked<Cost>(broker, '/cost')
    const port = String(broker.ready['mqtt'])
    const fleet = { MQTT_PORT: port, BOXES: String(boxes) }
    this.#parts.push(await start({ name: 'boxes', file: files.boxes, env: fleet }))
    const full = await asked<Cost>(broker, '/cost')
    this.kbPerBox = (full.rss - empty.rss) / boxes / 1_024
    return this
  }

  run(messages: number): Promise<Ran> {
    return asked(this.#parts[0]!, `/run?messages=${messages}&inflight=${inFlight}`)
  }

  /** Microseconds of a core for a heartbeat, at the broker. */
  async beat(messages: number): Promise<number> {
    const before = await asked<Cost>(this.#parts[0]!, '/cost')
    await asked(this.#parts[1]!, `/beat?messages=${messages}&inflight=${inFlight}`)
    const after = await asked<Cost>(this.#parts[0]!, '/cost')
    return (after.cpuUs - before.cpuUs) / messages
  }

  /** Seconds until all that were cut off at once listen again. */
  async again(): Promise<number> {
    return (await asked<{ seconds: number }>(this.#parts[1]!, '/again')).seconds
  }

  async heard(): Promise<number> {
    return (await asked<{ heard: number }>(this.#parts[1]!, '/heard')).heard
  }

  async close(): Promise<void> {
    for (const part of this.#parts.toReversed()) await part.stop()
  }
}

export async function benchBroker(sizes: PartSizes): Promise<Findings> {
  const { boxes, messages, rounds } = sizes
  const houses = { ours: new House(), baseline: new House() }
  const rate: Record<Side, number[]> = { ours: [], baseline: [] }
  const p99: Record<Side, number[]> = { ours: [], baseline: [] }
  const beat: Record<Side, number[]> = { ours: [], baseline: [] }
  const back: Record<Side, number[]> = { ours: [], baseline: [] }
  const wrong: string[] = []
  try {
    for (const side of ['baseline', 'ours'] as const) {
      await houses[side].open(side, boxes)
      await houses[side].run(messages)
    }
    for (let round = 0; round < rounds; round++) {
      for (const side of ['baseline', 'ours'] as const) {
        const { perSecond, p99Ms } = await houses[side].run(messages)
        rate[side].push(Math.round(perSecond))
        p99[side].push(p99Ms)
        beat[side].push(await houses[side].beat(messages / 4))
        back[side].push(await houses[side].again())
        say(`${side}: ${Math.round(perSecond)}/s, p99 ${p99Ms.toFixed(1)} ms`)
      }
    }
    for (const side of ['baseline', 'ours'] as const) {
      const heard = await houses[side].heard()
      const sent = messages * (rounds + 1)
      if (heard !== sent) wrong.push(`${side}: ${sent} messages, ${heard} heard`)
    }
    const baselineIs = 'Aedes as it comes, publishing from inside'
    const kb = (side: Side) => [houses[side].kbPerBox]
    return {
      figures: [
        {
          ...{ figure: `messages to ${boxes} boxes, QoS 1`, unit: '/s', leastRatio: 1 },
          ...{ ours: rate.ours, baseline: rate.baseline, baselineIs },
        },
        {
          ...{ figure: `published to receipt, p99, ${inFlight} in flight`, unit: 'ms' },
          ...{ ours: p99.ours, baseline: p99.baseline, baselineIs },
        },
        {
          // Ten thousand boxes every thirty seconds may cost a twentieth of a core.
          ...{ figure: 'a heartbeat, of a core', unit: 'us', most: 150 },
          ...{ ours: beat.ours, baseline: beat.baseline, baselineIs: 'Aedes, which forgets it' },
        },
        {
          ...{ figure: `all ${boxes} cut off, until they listen again`, unit: 's' },
          ...{
            ours: back.ours,
            baseline: back.baseline,
            baselineIs: 'Aedes, which asks for no proof',
          },
        },
        {
          ...{ figure: 'memory of a connected box', unit: 'kB', leastRatio: 1 },
          ...{ ours: kb('ours'), baseline: kb('baseline'), baselineIs },
        },
      ],
      wrong,
    }
  } finally {
    for (const house of Object.values(houses)) await house.close()
  }
}

async function asked<T>(part: Started, path: string): Promise<T> {
  const answer = await fetch(part.ready.http + path)
  if (!answer.ok) throw new Error(`bench: ${path}: ${await answer.text()}`)
  return (await answer.json()) as T
}
