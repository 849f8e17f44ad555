import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { cash, clearing, cost, float } from '../../actors/chart.ts'
import type { OrderEvent } from '../../actors/order/order-contract.ts'
import type { Entry } from '../../engine/ledger.ts'
import type { JournalRecord } from '../../engine/record.ts'
import { FloatAudit } from './audit.ts'

const minute = 60_000
const hour = 60 * minute
const zero = [0, 0, 0] as const
const move = (name: string, debit: string, credit: string, amount: number): Entry => [
  ...(['move', name, debit, credit, amount] as const),
  ...([zero, zero] as const),
]

type How = { price?: number; charged?: number; says?: number; n?: number }

/** A supplier who charges, and says what is left; our side of it comes as journal lines. */
class Street {
  readonly audit = new FloatAudit()
  at = Date.UTC(2026, 10, 21, 5)
  balance = 0

  get stand() {
    return this.audit.of('digi')
  }

  line(id: string, events: readonly object[], entries: readonly Entry[] = [], kind = 'order') {
    const parts = { kind, id, events, entries, at: this.at, version: 1, born: false }
    this.audit.feed({ ...parts, command: '', claims: [], releases: [] } as never as JournalRecord)
  }

  /** Booked, and arrived long ago. */
  fill(amount: number) {
    this.balance += amount
    this.line('fill', [], [move('send', float('digi'), clearing, amount)], 'transfer')
    this.at += 3 * hour
  }

  send(id: string, price = 10_000, n = 1) {
    const event = { type: 'dispatched', n, supplier: 'digi', cost: price, maxPrice: price }
    this.line(id, [event])
  }

  deliver(id: string, how: How = {}) {
    const { price = 10_000, n = 1 } = how
    const { charged = price } = how
    const { says = this.balance - charged } = how
    this.balance -= charged
    const event: Partial<OrderEvent> = { type: 'delivered', n, cost: price, balance: says }
    this.line(id, [event], [move('cost', cost, float('digi'), price)])
  }

  /** Alone, from asking to answer. */
  sell(id: string, how: How = {}) {
    this.send(id, how.price)
    this.at += 1_000
    this.deliver(id, how)
    this.at += minute
  }
}

function open(amount = 1_000_000): Street {
  const street = new Street()
  street.fill(amount)
  return street
}

test('float: books: deposits less costs, whoever books, also what was there before (FLA1)', () => {
  const street = new Street()
  street.audit.begin([
    [float('digi'), -500_000],
    [float('digi'), 40_000],
    [cash, 460_000],
    [float('diva'), 7],
  ])
  street.fill(100_000)
  street.sell('a')
  street.line('loss', [], [move('loss-1', cost, float('digi'), 3_000)])
  street.line('back', [], [move('cost-returned', float('digi'), cost, 1_000)])
  equal(street.stand.books, 460_000 + 100_000 - 10_000 - 3_000 + 1_000)
  equal(street.audit.of('diva').books, -7)
})

test('float: one after the other: exactly what they say, and the band has no width (FLA2)', () => {
  const street = open()
  street.sell('a')
  street.sell('b', { price: 20_000 })
  const { reported, doubt, agreed } = street.stand
  deepEqual([reported?.balance, reported?.lower, reported?.upper], [970_000, 970_000, 970_000])
  deepEqual([reported?.off, doubt, agreed?.order], [0, null, 'b'])
})

test('float: replies out of order, callbacks an hour late: every true balance is inside (FLA2)', () => {
  const street = open()
  for (const id of ['a', 'b', 'c', 'd']) street.send(id)
  // He charged a, b, c, d in this order; we hear it in another.
  const left = { a: 990_000, b: 980_000, c: 970_000, d: 960_000 }
  for (const id of ['d', 'b', 'c'] as const) {
    street.at += 1_000
    street.deliver(id, { says: left[id] })
    equal(street.stand.reported?.off, 0, id)
  }
  street.at += hour
  street.sell('e', { says: 950_000 })
  equal(street.stand.reported?.off, 0)
  street.deliver('a', { says: left.a })
  equal(street.stand.reported?.off, 0)
  equal(street.stand.out, 0)
})

test('float: seeds: an honest supplier is inside his band, whatever comes when (FLA2)', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const street = open(10_000_000)
    let dice = seed
    const roll = (sides: number) => {
      dice = (dice * 48_271) % 2_147_483_647
      return dice % sides
    }
    const out: { id: string; price: number; says: number | null; ends: 'sold' | 'failed' }[] = []
    for (let n = 0; n < 60; n++) {
      street.at += roll(5_000)
      switch (roll(3)) {
        case 0: {
          const price = 1_000 + roll(50_000)
          street.send(`${n}`, price)
          out.push({ id: `${n}`, price, says: null, ends: roll(4) === 0 ? 'failed' : 'sold' })
          break
        }
        case 1: {
          // He works on one of them: takes the money and notes what is left.
          const one = out[roll(out.length || 1)]
          if (one === undefined || one.says !== null) break
          street.balance -= one.price
          one.says = street.balance
          break
        }
        case 2: {
          const [one] = out.splice(roll(out.length || 1), 1)
          if (one === undefined) break
          if (one.ends === 'failed') {
            if (one.says !== null) street.balance += one.price
            street.line(one.id, [{ type: 'attempt_failed', n: 1 }])
            break
          }
          if (one.says === null) {
            street.balance -= one.price
            one.says = street.balance
          }
          street.deliver(one.id, { price: one.price, charged: 0, says: one.says })
          equal(street.stand.reported?.off, 0, `seed ${seed}, step ${n}`)
        }
      }
    }
  }
})

test('float: a charge that nobody knows of: a doubt at once, a drift when it lasts (FLA3)', () => {
  const street = open()
  street.sell('a')
  street.balance -= 2_500
  street.sell('b')
  const doubted = street.stand.doubt
  deepEqual([doubted?.off, doubted?.order, doubted?.drift], [-2_500, 'b', false])
  street.sell('c')
  equal(street.stand.doubt?.drift, false)
  street.sell('d')
  const { doubt, agreed } = street.stand
  deepEqual([doubt?.off, doubt?.order, doubt?.reports, doubt?.drift], [-2_500, 'b', 3, true])
  equal(doubt?.since, doubted?.since)
  equal(agreed?.order, 'a')
})

test('float: many reports within a minute: not yet a drift (FLA3)', () => {
  const street = open()
  street.balance += 700
  for (const id of ['a', 'b', 'c', 'd', 'e']) {
    street.send(id)
    street.deliver(id)
  }
  deepEqual([street.stand.doubt?.off, street.stand.doubt?.drift], [700, false])
  street.at += minute
  street.sell('f')
  equal(street.stand.doubt?.drift, true)
})

test('float: once too little, then too much: the doubt begins anew (FLA3)', () => {
  const street = open()
  street.balance -= 500
  street.sell('a')
  street.sell('b')
  street.balance += 1_000
  street.sell('c')
  deepEqual([street.stand.doubt?.order, street.stand.doubt?.reports], ['c', 1])
})

test('float: a wide band says nothing about a drift, a narrow one ends it (FLA4)', () => {
  const street = open()
  street.balance -= 2_500
  for (const id of ['a', 'b', 'c']) street.sell(id)
  equal(street.stand.doubt?.drift, true)
  street.send('slow')
  street.sell('d')
  equal(street.stand.reported?.off, 0)
  equal(street.stand.doubt?.drift, true)
  street.line('slow', [{ type: 'attempt_failed', n: 1 }])
  street.at += minute
  street.line('fix', [], [move('receive', clearing, float('digi'), 2_500)], 'receipt')
  street.at += 3 * hour
  street.sell('e')
  deepEqual([street.stand.doubt, street.stand.agreed?.order], [null, 'e'])
})

test('float: a deposit that is on its way for an hour is no drift, for three it is one (FLA5)', () => {
  const street = open()
  street.line('more', [], [move('send', float('digi'), clearing, 400_000)], 'transfer')
  for (const id of ['a', 'b', 'c', 'd']) street.sell(id)
  equal(street.stand.agreed?.order, 'd')
  street.at += 3 * hour
  for (const id of ['e', 'f', 'g']) street.sell(id)
  const { doubt } = street.stand
  deepEqual([doubt?.off, doubt?.drift], [-400_000, true])
})

test('float: an order whose step is not its cost is a suspect, its neighbours are not (FLA6)', () => {
  const street = open()
  street.sell('a')
  street.sell('b', { charged: 10_750 })
  street.sell('c')
  deepEqual(
    street.stand.suspects.map(({ order, cost, step }) => ({ order, cost, step })),
    [{ order: 'b', cost: 10_000, step: 10_750 }],
  )
})

test('float: what was out together is no suspect (FLA6)', () => {
  const street = open()
  street.sell('a')
  street.send('b')
  street.send('c')
  street.deliver('c', { says: 970_000, charged: 20_000 })
  street.deliver('b', { says: 970_000, charged: 0 })
  street.sell('d')
  deepEqual(street.stand.suspects, [])
})

test('float: nothing booked yet, or no balance named: nothing is compared (FLA7)', () => {
  const street = new Street()
  street.balance = 5_000_000
  for (const id of ['a', 'b', 'c', 'd']) street.sell(id)
  equal(street.stand.doubt, null)
  equal(street.stand.reported?.balance, 4_960_000)
  const silent = open()
  silent.send('a')
  silent.line(
    'a',
    [{ type: 'delivered', n: 1, cost: 10_000, balance: null }],
    [move('cost', cost, float('digi'), 10_000)],
  )
  deepEqual([silent.stand.reported, silent.stand.doubt], [null, null])
})

test('float: asked before we began: out, and its answer is not compared (FLA7)', () => {
  const street = open()
  const tried = { n: 1, supplier: 'digi', cost: 10_000, maxPrice: 12_000, outcome: 'pending' }
  street.audit.hang('old', tried as never)
  equal(street.stand.out, 12_000)
  street.deliver('old', { says: 1 })
  deepEqual([street.stand.out, street.stand.reported], [0, null])
  equal(street.stand.books, 990_000)
})

test('float: orders that sleep are out from their own lines; what ended is not (FLA7)', () => {
  const audit = new FloatAudit()
  const sent = { type: 'dispatched', supplier: 'digi', cost: 10_000, maxPrice: 11_000 }
  const line = (id: string, events: readonly object[]) =>
    audit.recall({ kind: 'order', id, events } as never)
  line('a', [{ ...sent, n: 1 }])
  line('a', [
    { type: 'attempt_failed', n: 1 },
    { ...sent, n: 2, cost: 20_000 },
  ])
  line('b', [
    { ...sent, n: 1 },
    { type: 'delivered', n: 1 },
  ])
  equal(audit.of('digi').out, 20_000)
})

test('float: a balance that was asked for: what ended meanwhile may be in it or not (FLA2)', () => {
  const street = open()
  const { audit, stand } = street
  street.send('a')
  const mark = stand.mark(street.at)
  const balance = street.balance
  street.deliver('a')
  audit.asked('digi', mark, { balance, at: street.at })
  deepEqual([stand.reported?.off, stand.reported?.order], [0, null])
  audit.asked('digi', stand.mark(street.at), { balance, at: street.at })
  equal(stand.reported?.off, 10_000)
})

test('float: who names the balance before the charge is right as well, when we know (FLA8)', () => {
  const street = open()
  street.stand.tellsBefore = true
  for (const id of ['a', 'b', 'c', 'd']) street.sell(id, { says: street.balance })
  deepEqual([street.stand.doubt, street.stand.suspects], [null, []])
  ok(street.stand.reported?.upper === street.stand.reported?.lower)
})
