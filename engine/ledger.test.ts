import { deepEqual, equal, throws } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Account, type AccountId, execute, type Holds, type Posting, replayHold } from './ledger.ts'

const ids: AccountId[] = ['wallet:a', 'wallet:b', 'sales', 'clearing']
const floorOf = (id: AccountId) => (id.startsWith('wallet:') ? 0 : undefined)

/** A ledger with nothing in it but four accounts and the holds of one actor. */
class Bench {
  readonly accounts = new Map(ids.map(id => [id, new Account(id, floorOf(id))]))
  readonly holds: Holds = []
  account(id: AccountId): Account {
    return this.accounts.get(id)!
  }
  post(posting: Posting) {
    return execute(this, this.holds, posting)
  }
  sum(of: (account: Account) => number): number {
    return [...this.accounts.values()].reduce((sum, account) => sum + of(account), 0)
  }
  balances(): unknown {
    return [...this.accounts].map(([id, account]) => [id, account.balances()])
  }
}

const account = fc.constantFrom(...ids)
const amount = fc.oneof(fc.nat(2_000), fc.constantFrom(-1, 0.5, Number.NaN, 2 ** 60))
const name = fc.constantFrom('x', 'y', 'z')
const posting: fc.Arbitrary<Posting> = fc.oneof(
  fc.record({ op: fc.constantFrom('move', 'hold'), name, debit: account, credit: account, amount }),
  fc.record({ op: fc.constant('post' as const), name, amount }),
  fc.record({ op: fc.constantFrom('post', 'void', 'expire'), name }),
) as fc.Arbitrary<Posting>

/** Carries out what may be; what may not be throws, and the bench is thrown away with it. */
function play(postings: readonly Posting[], check: (bench: Bench, posting: Posting) => void) {
  const done: Posting[] = [
    { op: 'move', name: '', debit: 'clearing', credit: 'wallet:a', amount: 5_000 },
  ]
  for (const posting of postings) {
    const bench = new Bench()
    for (const one of done) bench.post(one)
    try {
      bench.post(posting)
    } catch {
      continue
    }
    done.push(posting)
    check(bench, posting)
  }
}

const anyPostings = fc.array(posting, { maxLength: 25 })

test('ledger: any postings: balances and pendings always sum to zero (L1)', () => {
  fc.assert(
    fc.property(anyPostings, postings =>
      play(postings, bench => {
        equal(
          bench.sum(one => one.balance),
          0,
        )
        equal(
          bench.sum(one => one.debitsPending),
          bench.sum(one => one.creditsPending),
        )
      }),
    ),
  )
})

test('ledger: any postings: no wallet is ever below its floor, holds counted (L2)', () => {
  fc.assert(
    fc.property(anyPostings, postings =>
      play(postings, bench => {
        for (const one of bench.accounts.values()) {
          equal(one.floor === undefined || one.available >= one.floor, true)
          equal(one.debitsPending >= 0 && one.creditsPending >= 0, true)
        }
      }),
    ),
  )
})

test('ledger: any postings: what is pending is exactly what the living holds hold (L3)', () => {
  fc.assert(
    fc.property(anyPostings, postings =>
      play(postings, bench => {
        const held = bench.holds.reduce((sum, hold) => sum + hold.amount, 0)
        equal(
          bench.sum(one => one.debitsPending),
          held,
        )
      }),
    ),
  )
})

test('ledger: any postings: the entries alone leave the same balances and holds (L1)', () => {
  fc.assert(
    fc.property(anyPostings, postings => {
      play(postings, bench => {
        const replayed: Holds = []
        const fresh = new Bench()
        const done = [...bench.holds]
        for (const hold of done) {
          fresh.account('clearing').balance -= hold.amount
          fresh.account(hold.debit).balance += hold.amount
        }
        for (const hold of done) replayHold(replayed, fresh.post({ op: 'hold', ...hold }))
        deepEqual(replayed, done)
      })
    }),
  )
})

test('ledger: hold: posted in part, the rest is free again (L3)', () => {
  const bench = new Bench()
  bench.post({ op: 'move', name: 'in', debit: 'clearing', credit: 'wallet:a', amount: 1_000 })
  bench.post({ op: 'hold', name: 'h', debit: 'wallet:a', credit: 'sales', amount: 800 })
  equal(bench.account('wallet:a').available, 200)
  const entry = bench.post({ op: 'post', name: 'h', amount: 300 })
  deepEqual(entry, ['post', 'h', 'wallet:a', 'sales', 300, [700, 0, 0], [300, 0, 0], 800])
  equal(bench.account('wallet:a').available, 700)
})

test('ledger: hold: void and expire release all of it, and say how much (L3)', () => {
  for (const op of ['void', 'expire'] as const) {
    const bench = new Bench()
    bench.post({ op: 'hold', name: 'h', debit: 'sales', credit: 'wallet:a', amount: 800 })
    const entry = bench.post({ op, name: 'h' })
    deepEqual(entry, [op, 'h', 'sales', 'wallet:a', 800, [0, 0, 0], [0, 0, 0]])
    deepEqual(bench.holds, [])
  }
})

test('ledger: hold: once, never more than was held, never twice under a name (L3)', () => {
  const held = () => {
    const bench = new Bench()
    bench.post({ op: 'hold', name: 'h', debit: 'sales', credit: 'wallet:a', amount: 800 })
    return bench
  }
  throws(() => held().post({ op: 'post', name: 'h', amount: 801 }), /L3/)
  throws(() => held().post({ op: 'void', name: 'other' }), /L3/)
  const again = { op: 'hold', name: 'h', debit: 'sales', credit: 'wallet:a', amount: 1 } as const
  throws(() => held().post(again), /L3/)
  const bench = held()
  bench.post({ op: 'post', name: 'h' })
  throws(() => bench.post({ op: 'void', name: 'h' }), /L3/)
})

test('ledger: hold: its deadline is kept in the entry and comes back with it (L3)', () => {
  const bench = new Bench()
  const hold = { name: 'h', debit: 'sales', credit: 'wallet:a', amount: 8, expiresAt: 99 }
  const entry = bench.post({ op: 'hold', ...hold })
  const replayed: Holds = []
  replayHold(replayed, entry)
  deepEqual(replayed, [hold])
})

test('ledger: amounts: neither zero, negative, broken nor unsafe (L4)', () => {
  for (const amount of [0, -1, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    for (const op of ['move', 'hold'] as const) {
      const posting = { op, name: 'n', debit: 'sales', credit: 'clearing', amount }
      throws(() => new Bench().post(posting), /L4/)
    }
    const bench = new Bench()
    const sides = { debit: 'sales', credit: 'clearing', amount: 9 } as const
    bench.post({ op: 'hold', name: 'h', ...sides })
    throws(() => bench.post({ op: 'post', name: 'h', amount }), /L4/)
  }
})

test('ledger: amounts: a sum that would not be exact any more is refused (L4)', () => {
  const bench = new Bench()
  const most = { debit: 'sales', credit: 'clearing', amount: Number.MAX_SAFE_INTEGER } as const
  bench.post({ op: 'move', name: 'a', ...most })
  throws(() => bench.post({ op: 'move', name: 'b', ...most }), /safe integers/)
})

test('ledger: floor: a wallet is spent to the last rupiah and no further (L2)', () => {
  const bench = new Bench()
  bench.post({ op: 'move', name: 'in', debit: 'clearing', credit: 'wallet:a', amount: 10 })
  bench.post({ op: 'hold', name: 'h', debit: 'wallet:a', credit: 'sales', amount: 4 })
  const spend = (amount: number) =>
    bench.post({ op: 'move', name: 'out', debit: 'wallet:a', credit: 'sales', amount })
  spend(6)
  throws(() => spend(1), /L2/)
})

test('ledger: sides: nothing is moved from an account to itself (L1)', () => {
  for (const op of ['move', 'hold'] as const) {
    const posting = { op, name: 'n', debit: 'sales', credit: 'sales', amount: 1 }
    throws(() => new Bench().post(posting), /L1/)
  }
})
