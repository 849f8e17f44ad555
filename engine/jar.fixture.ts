/**
 * The smallest actor that uses everything the engine offers: money that is held, a word that is
 * claimed, an effect that is owed, a deadline, and a way to go wrong.
 *
 *   empty ──fill──▶ filled ──seal──▶ sealed
 *                      └──spill (deadline)──▶ spilt
 */

import { accept, actor, forget, refuse } from './actor.ts'
import { type Millis, makeId } from './ids.ts'
import type { FloorOf } from './ledger.ts'
import type { Envelope, ShardImage } from './shard.ts'
import { emptyShard } from './shard.ts'

type Coins = { readonly coins: number; readonly word: string; readonly until: Millis }

export type Jar = {
  state:
    | { readonly phase: 'empty' }
    | ({ readonly phase: 'filled' } & Coins)
    | { readonly phase: 'sealed' }
    | { readonly phase: 'spilt' }
  command:
    | {
        readonly type: 'fill'
        readonly coins: number
        readonly word?: string
        readonly ms?: Millis
      }
    | { readonly type: 'seal' }
    | { readonly type: 'spill' }
    | { readonly type: 'poke' }
    | { readonly type: 'smash' }
  event: ({ readonly type: 'filled' } & Coins) | { readonly type: 'sealed' | 'spilt' }
  effect: { readonly type: 'shine'; readonly target: string; readonly coins: number }
  refusal: 'jar.full' | 'jar.empty' | 'jar.taken' | 'jar.too_dear'
}

export const purse = 'wallet:ani'

export const jar = actor<Jar>({
  name: 'jar',
  version: 1,
  initial: { phase: 'empty' },

  decide: {
    fill(state, { coins, word = '', ms = 1_000 }, context) {
      if (state.phase !== 'empty') return refuse('jar.full')
      if (word !== '' && context.holder(word) !== undefined) return refuse('jar.taken')
      if (context.available(purse) < coins) return refuse('jar.too_dear')
      const until = context.now + ms
      return {
        accepted: [{ type: 'filled', coins, word, until }],
        postings: [{ op: 'hold', name: 'coins', debit: purse, credit: 'sales', amount: coins }],
        ...(word === '' ? {} : { claims: [[word, until]] }),
      }
    },
    seal: (state, _, context) =>
      state.phase === 'filled' && context.held('coins') === state.coins
        ? { accepted: [{ type: 'sealed' }], postings: [{ op: 'post', name: 'coins' }] }
        : refuse('jar.empty'),
    spill: state =>
      state.phase === 'filled'
        ? {
            accepted: [{ type: 'spilt' }],
            postings: [{ op: 'void', name: 'coins' }],
            ...(state.word === '' ? {} : { releases: [state.word] }),
          }
        : accept(),
    poke: () => accept(),
    smash: () => ({
      accepted: [{ type: 'spilt' }],
      postings: [{ op: 'void', name: 'what is not there' }],
    }),
  },

  evolve: {
    filled: (_, { coins, word, until }) => ({ phase: 'filled', coins, word, until }),
    sealed: () => ({ phase: 'sealed' }),
    spilt: () => ({ phase: 'spilt' }),
  },
  react: { filled: (_, { coins }) => [{ type: 'shine', target: 'lamp', coins }] },
  resume: { shine: 'inquire' },
  timers: state =>
    state.phase === 'filled' ? [{ at: state.until, command: { type: 'spill' } }] : [],
  rest: state => (state.phase === 'filled' ? 'machine' : 'final'),
})

/** Money comes from nowhere, so that tests need not wait for it. */
type Mint = {
  state: { readonly phase: 'open' }
  command: { readonly type: 'pay'; readonly amount: number }
  event: { readonly type: 'paid' }
  effect: never
  refusal: never
}

export const mint = actor<Mint>({
  name: 'mint',
  version: 1,
  initial: { phase: 'open' },
  decide: {
    pay: (_, { amount }) => ({
      accepted: [{ type: 'paid' }],
      postings: [{ op: 'move', name: 'pay', debit: 'cash', credit: purse, amount }],
    }),
  },
  evolve: { paid: state => state },
  react: {},
  resume: {},
  timers: () => [],
  rest: () => 'final',
})

export const kinds = new Map([forget(jar), forget(mint)].map(one => [one.name, one]))
export const floorOf: FloorOf = account => (account.startsWith('wallet:') ? 0 : undefined)

export const keyNo = (n: number): string => n.toString(16).padStart(16, '0')
export const idNo = (n: number, shard = 0): string => makeId(1, shard, keyNo(n))

/** A command to jar number `n`; without a command a read. */
export const toJar = (
  n: number,
  command?: Jar['command'],
  more: Partial<Envelope> = {},
): Envelope => ({
  shard: 0,
  key: keyNo(n),
  kind: 'jar',
  owner: purse,
  ...(command === undefined ? {} : { command }),
  ...more,
})

export const toMint = (amount: number): Envelope => ({
  shard: 0,
  key: keyNo(0xffff),
  kind: 'mint',
  owner: purse,
  command: { type: 'pay', amount } as Mint['command'],
})

/** A shard with nothing in its journal but what is in the purse. */
export const shardWith = (coins: number, shard = 0): ShardImage => ({
  ...emptyShard(shard, 1),
  accounts: [
    { id: purse, seq: 0, balances: [coins, 0, 0] },
    { id: 'cash', seq: 0, balances: [-coins, 0, 0] },
  ],
})
