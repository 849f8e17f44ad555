/** How much of everything a part of the bench does. `full` is what was promised. */
import type { Stock } from './stock.ts'

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
}

export const partSizes = { full, quick, tiny }
