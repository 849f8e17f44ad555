/** How much of everything a part of the bench does. `full` is what was promised. */
import type { Stock } from './topup/stock.ts'

export type PartSizes = {
  readonly stock: Stock
  readonly customers: number
  readonly connections: number
  readonly rounds: number
  readonly warmup: number
  readonly orders: number
  readonly perSecond: number
  readonly seconds: number
  /** Requests of a round; of those that are built each time, a fraction. */
  readonly lists: number
  readonly recorded: number
  /** Of the benches beside the code: choices, products, replies. */
  readonly choices: number
  readonly priced: number
  readonly replies: number
  /** Of the broker: boxes that are connected, and messages of a round. */
  readonly boxes: number
  readonly messages: number
  /** Quiet before memory is read. */
  readonly restMs: number
  readonly town: TownSizes
  readonly rental: RentalSizes
  readonly soak: SoakSizes
}

/** Of the soundbox line. */
export type TownSizes = {
  /** Boxes while payments are heard, and while memory and heartbeats are measured. */
  readonly boxes: number
  readonly allBoxes: number
  /** Payments as fast as they go; by the clock so many a second, for so long. */
  readonly payments: number
  readonly perSecond: number
  readonly seconds: number
  readonly beatSeconds: number
  /** Requests of the mix. */
  readonly mixed: number
}

/** Of the number line. */
export type RentalSizes = {
  /** Pages that are open while codes come and memory is read, each of a person of its own. */
  readonly pages: number
  readonly allPages: number
  /** Codes by the clock, so many a second; each page hears one. */
  readonly perSecond: number
  /** People who walk the whole way; they begin one after the other within so many seconds. */
  readonly visitors: number
  readonly seconds: number
}

/** Of one engine for a long time. */
export type SoakSizes = {
  readonly laps: number
  readonly perSecond: number
  readonly seconds: number
  /** What the sandbox does to orders, in its own words. */
  readonly habits: Readonly<Record<string, unknown>>
}

/** A tenth waits, a fifth goes wrong in some way; who keeps silent does so for 40 s. */
const bad = {
  latency: { min: 5, max: 60 },
  ...{ timeout_after_sale: 0.01, timeout_without_sale: 0.01, timeout_seconds: 40 },
  ...{ reset: 0.02, reset_after_sale: 0.02, http500: 0.02, html: 0.02, empty: 0.01 },
  ...{ half_json: 0.01, refuse: { p: 0.06, rc: '02' }, pending: { p: 0.1, seconds: 20 } },
  duplicate_callback: { p: 0.1, times: 2 },
}
/** Bad ones of which the end is heard at once. */
const hasty = {
  ...{ latency: { min: 5, max: 60 }, refuse: { p: 0.06, rc: '02' } },
  ...{ pending: { p: 0.1, seconds: 1 }, duplicate_callback: { p: 0.1, times: 2 } },
}

const full: PartSizes = {
  stock: { products: 10_000, suppliers: 20, users: 100_000 },
  customers: 1_000,
  connections: 256,
  rounds: 5,
  warmup: 20_000,
  orders: 40_000,
  perSecond: 1_000,
  seconds: 8,
  lists: 8_000,
  recorded: 1_000_000,
  choices: 300_000,
  priced: 10_000,
  replies: 1_000_000,
  boxes: 2_000,
  messages: 200_000,
  restMs: 8_000,
  town: {
    ...{ boxes: 5_000, allBoxes: 10_000, payments: 10_000, perSecond: 500, seconds: 20 },
    ...{ beatSeconds: 60, mixed: 65_000 },
  },
  rental: { pages: 5_000, allPages: 20_000, perSecond: 200, visitors: 1_000, seconds: 100 },
  soak: { laps: 10, perSecond: 500, seconds: 120, habits: bad },
}

const quick: PartSizes = {
  ...full,
  rounds: 2,
  warmup: 8_000,
  orders: 12_000,
  seconds: 3,
  lists: 3_000,
  recorded: 100_000,
  choices: 60_000,
  replies: 100_000,
  boxes: 1_000,
  messages: 50_000,
  town: {
    ...{ boxes: 500, allBoxes: 1_000, payments: 3_000, perSecond: 500, seconds: 5 },
    ...{ beatSeconds: 10, mixed: 8_050 },
  },
  rental: { pages: 500, allPages: 2_000, perSecond: 50, visitors: 50, seconds: 10 },
  soak: { laps: 3, perSecond: 300, seconds: 20, habits: bad },
}

const tiny: PartSizes = {
  ...full,
  stock: { products: 60, suppliers: 5, users: 200 },
  customers: 5,
  connections: 8,
  rounds: 2,
  warmup: 20,
  orders: 60,
  perSecond: 50,
  seconds: 1,
  lists: 60,
  recorded: 500,
  choices: 400,
  priced: 60,
  replies: 2_000,
  boxes: 20,
  messages: 1_000,
  restMs: 500,
  town: {
    ...{ boxes: 20, allBoxes: 40, payments: 60, perSecond: 50, seconds: 2 },
    ...{ beatSeconds: 2, mixed: 322 },
  },
  rental: { pages: 60, allPages: 80, perSecond: 20, visitors: 4, seconds: 1 },
  soak: { laps: 2, perSecond: 40, seconds: 2, habits: hasty },
}

export const partSizes = { full, quick, tiny }
