/**
 * Our broker beside Aedes as it comes, and beside Mosquitto where that is installed: so many boxes
 * connected, messages of QoS 1 to one topic each, so many without a receipt at any moment. Each in
 * a process of its own, the boxes in another.
 *
 * BRG1. Every message is heard and acknowledged exactly once, on all sides.
 * BRG2. Memory is what a process has more with its boxes than without, after a collection.
 * BRG3. A message counts when its box has heard it: Mosquitto's own receipt comes before that.
 */
import { existsSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Findings, Measured } from '../beside.ts'
import { type Started, start } from '../ground/processes.ts'
import type { PartSizes } from '../part-sizes.ts'
import { say } from '../turns.ts'

const inFlight = 200
const heardMsMax = 60_000
const files = {
  ours: resolve(import.meta.dirname, '../../deploy/broker-alone.bench.ts'),
  baseline: resolve(import.meta.dirname, '../baseline/aedes.ts'),
  mosquitto: resolve(import.meta.dirname, '../baseline/mosquitto.ts'),
  boxes: resolve(import.meta.dirname, 'boxes.ts'),
}
type Side = 'ours' | 'baseline' | 'mosquitto'
const beside: Side = 'mosquitto'
const mosquitto = mosquittoFound()
type Cost = { readonly rss: number; readonly cpuUs: number }
type Ran = { readonly perSecond: number; readonly p99Ms: number }

/** A broker with its boxes. */
class House {
  readonly #parts: Started[] = []
  #sent = 0
  kbPerBox = 0

  async open(side: Side, boxes: number): Promise<House> {
    const env = { NODE_OPTIONS: '--expose-gc', MOSQUITTO: mosquitto ?? '', BOXES: String(boxes) }
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

  /** Until all were heard. */
  async run(messages: number): Promise<Ran> {
    this.#sent += messages
    const began = performance.now()
    const path = `/run?messages=${messages}&inflight=${inFlight}`
    const { p99Ms } = await asked<Ran>(this.#parts[0]!, path)
    while ((await this.heard()) < this.#sent && performance.now() - began < heardMsMax) {
      await pause(1)
    }
    return { perSecond: (messages * 1_000) / (performance.now() - began), p99Ms }
  }

  get sent(): number {
    return this.#sent
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

/** What was found of one side, a number per round. */
type Found = Record<'rate' | 'p99' | 'beat' | 'back', number[]>

export async function benchBroker(sizes: PartSizes): Promise<Findings> {
  const { boxes, messages, rounds } = sizes
  const sides: readonly Side[] = ['baseline', ...(mosquitto === null ? [] : [beside]), 'ours']
  if (mosquitto === null) say('mosquitto is not installed: left out')
  const houses = new Map<Side, House>()
  const found = new Map<Side, Found>()
  const wrong: string[] = []
  try {
    for (const side of sides) {
      const house = new House()
      houses.set(side, house)
      found.set(side, { rate: [], p99: [], beat: [], back: [] })
      await house.open(side, boxes)
      await house.run(messages)
    }
    for (let round = 0; round < rounds; round++) {
      for (const [side, house] of houses) {
        const { perSecond, p99Ms } = await house.run(messages)
        const { rate, p99, beat, back } = found.get(side)!
        rate.push(Math.round(perSecond))
        p99.push(p99Ms)
        beat.push(await house.beat(messages / 4))
        back.push(await house.again())
        say(`${side}: ${Math.round(perSecond)}/s, p99 ${p99Ms.toFixed(1)} ms`)
      }
    }
    for (const [side, house] of houses) {
      const heard = await house.heard()
      if (heard !== house.sent) wrong.push(`${side}: ${house.sent} messages, ${heard} heard`)
    }
    const kb = (side: Side): number[] => {
      const { kbPerBox } = houses.get(side)!
      return [kbPerBox]
    }
    const ours = found.get('ours')!
    const aedes = found.get('baseline')!
    const other = found.get(beside)
    const besides = other === undefined ? [] : besideMosquitto(boxes, ours, other)
    const memory = { figure: 'memory of a connected box', unit: 'kB', ours: kb('ours') }
    const baselineIs = 'Aedes as it comes, publishing from inside'
    return {
      figures: [
        {
          ...{ figure: `messages to ${boxes} boxes, QoS 1`, unit: '/s', leastRatio: 1 },
          ...{ ours: ours.rate, baseline: aedes.rate, baselineIs },
        },
        {
          ...{ figure: `published to receipt, p99, ${inFlight} in flight`, unit: 'ms' },
          ...{ ours: ours.p99, baseline: aedes.p99, baselineIs },
        },
        {
          // Ten thousand boxes every thirty seconds may cost a twentieth of a core.
          ...{ figure: 'a heartbeat, of a core', unit: 'us', most: 150 },
          ...{ ours: ours.beat, baseline: aedes.beat, baselineIs: 'Aedes, which forgets it' },
        },
        {
          ...{ figure: `all ${boxes} cut off, until they listen again`, unit: 's' },
          ...{ ours: ours.back, baseline: aedes.back },
          baselineIs: 'Aedes, which asks for no proof',
        },
        { ...memory, leastRatio: 1, baseline: kb('baseline'), baselineIs },
        ...besides,
        // So few boxes that they fit into what it has anyway say nothing.
        ...(other === undefined || houses.get(beside)!.kbPerBox <= 0
          ? []
          : [{ ...memory, baseline: kb(beside), baselineIs: 'Mosquitto' }]),
      ],
      wrong,
    }
  } finally {
    for (const house of houses.values()) await house.close()
  }
}

/** Nothing is promised: how near we come to a broker that does nothing else, written in C. */
function besideMosquitto(boxes: number, ours: Found, other: Found): Measured[] {
  return [
    {
      ...{ figure: `messages to ${boxes} boxes, QoS 1`, unit: '/s' },
      ...{ ours: ours.rate, baseline: other.rate },
      baselineIs: 'Mosquitto, one client publishing',
    },
    {
      ...{ figure: 'a heartbeat, of a core', unit: 'us' },
      ...{ ours: ours.beat, baseline: other.beat, baselineIs: 'Mosquitto, which forgets it' },
    },
    {
      ...{ figure: `all ${boxes} cut off, until they listen again`, unit: 's' },
      ...{ ours: ours.back, baseline: other.back },
      baselineIs: 'Mosquitto, which asks for no proof',
    },
  ]
}

function mosquittoFound(): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map(folder => join(folder, 'mosquitto')).find(existsSync) ?? null
}

async function asked<T>(part: Started, path: string): Promise<T> {
  const answer = await fetch(part.ready.http + path)
  if (!answer.ok) throw new Error(`bench: ${path}: ${await answer.text()}`)
  return (await answer.json()) as T
}
