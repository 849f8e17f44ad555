import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Activation, readActivation } from './activations.ts'
import { type Body, type Event, fingerprint, type Line } from './chain.ts'
import { type ProblemName, Problems } from './problems.ts'

const user = '01a1fb58-c68f-7001-9302-1c7e05337686'
const purse = `wallet:${user}`
type Leg = readonly [op: string, debit: string, credit: string, amount: number]
type Told = readonly [event: Event | readonly Event[], ...legs: readonly Leg[]]

/** What is wrong in these lines of one rented number. */
function wrongIn(...lines: readonly Told[]): ProblemName[] {
  const problems = new Problems()
  const rental = new Activation()
  for (const [index, [events, ...legs]] of lines.entries()) {
    const e = Array.isArray(events) ? events : [events]
    const p = legs.map(([op, debit, credit, amount]) => [op, '', debit, credit, amount, [], []])
    const line: Line = { shard: 1, seq: index + 1, key: fingerprint('number', user, 'A-1') }
    readActivation(rental, line, { id: 'x', e, p } as unknown as Body, problems)
  }
  return problems.kept.map(({ name }) => name)
}

const price = (op: string): Leg => [op, purse, 'sales', 3_000]
const spent: Leg = ['move', 'cost', 'float:RO', 2_100]
const placedEvent = { type: 'placed', user, ref: 'A-1', supplier: 'RO', price: 3_000, cost: 2_000 }
const placed: Told = [placedEvent, price('hold')]
const bought: Told = [{ type: 'bought', id: 'n1', number: '62811', cost: 2_100 }]
const word = { type: 'sms_received', print: 'p1', code: true }
const code: Told = [{ ...word, first: true, cost: 2_100 }, price('post'), spent]
const begun: Told = [{ type: 'cancel_begun', why: 'USER' }]
const refunded: Told = [{ type: 'refunded', why: 'USER' }, price('void')]
const closed: Told = [{ type: 'closed', how: 'TIME' }]
const resolved = (verdict: string, cost: number, ...legs: Leg[]): Told => [
  { type: 'resolved', verdict, cost },
  ...legs,
]

test('verify numbers: bought, coded, closed; cancelled, refunded: sound (Z43, Z44, Z45)', () => {
  const other: Told = [{ ...word, print: 'p2' }]
  const resend: Told = [{ type: 'resend_asked', n: 1 }]
  deepEqual(wrongIn(placed, bought, code, resend, [{ type: 'resent' }], other, closed), [])
  const refused: Told = [{ type: 'resent', ok: false, n: 0 }]
  deepEqual(wrongIn(placed, bought, code, resend, refused, resend), [])
  deepEqual(wrongIn(placed, bought, code, refused).length, 1)
  const tried: Told = [{ type: 'cancel_tried', n: 2 }]
  deepEqual(wrongIn(placed, bought, begun, [{ type: 'cancel_denied' }], tried, refunded), [])
  deepEqual(wrongIn(placed, bought, begun, [{ type: 'code_due' }], begun, code), [])
  const doubt: Told[] = [[{ type: 'doubted' }], [{ type: 'looked', n: 1 }], [{ type: 'unfound' }]]
  deepEqual(wrongIn(placed, ...doubt, [{ type: 'unbought' }, price('void')]), [])
})

test('verify numbers: placed elsewhere or twice, bought twice, told twice: told (Z43)', () => {
  deepEqual(wrongIn([{ ...placedEvent, ref: 'B' }, price('hold')]), ['number.key'])
  deepEqual(wrongIn(placed, placed), ['number.event'])
  deepEqual(wrongIn(placed, bought, bought), ['number.event'])
  deepEqual(wrongIn(placed, bought, code, [word]), ['number.event'])
  deepEqual(wrongIn(bought), ['number.event'])
  deepEqual(wrongIn(placed, [{ type: 'melted' }]), ['number.event'])
})

test('verify numbers: charged without a code: told (Z44)', () => {
  const noise: Told = [{ ...word, code: false, first: true, cost: 2_100 }, price('post'), spent]
  deepEqual(wrongIn(placed, bought, noise), ['number.charge'])
  deepEqual(wrongIn(placed, bought, [[], price('post')]), ['number.money'])
  deepEqual(wrongIn(placed, bought, [word]), ['number.charge'])
  deepEqual(wrongIn(placed, bought, [{ ...word, first: true, cost: 2_100 }, spent]), [
    'number.money',
  ])
})

test('verify numbers: refunded after a code, or code after a refund: told (Z45)', () => {
  deepEqual(wrongIn(placed, bought, code, refunded), ['number.refund'])
  deepEqual(wrongIn(placed, bought, begun, refunded, refunded), ['number.refund'])
  deepEqual(wrongIn(placed, bought, begun, refunded, code), ['number.event', 'number.charge'])
  deepEqual(wrongIn(placed, bought, begun, [{ type: 'refunded', why: 'USER' }]), ['number.money'])
  deepEqual(wrongIn(placed, bought, code, begun), ['number.event'])
  const back: Leg = ['move', 'sales', purse, 3_000]
  deepEqual(wrongIn(placed, bought, code, resolved('refund', 0, back)), [])
  deepEqual(
    wrongIn(placed, bought, code, resolved('refund', 0, back), resolved('refund', 0, back)),
    ['number.event', 'number.refund'],
  )
})

test('verify numbers: what the supplier took is booked once: told (Z46)', () => {
  const late = { ...word, late: true, cost: 2_100 }
  deepEqual(wrongIn(placed, bought, begun, refunded, [late, spent]), [])
  deepEqual(
    wrongIn(placed, bought, begun, refunded, [late, spent], [{ ...late, print: 'p2' }, spent]),
    ['number.cost'],
  )
  const doubted: Told[] = [placed, [{ type: 'doubted' }], [{ type: 'parked', why: 'DOUBT' }]]
  const over: Told = [{ type: 'refunded', why: 'DOUBT' }, price('void')]
  const agreed: Leg = ['move', 'cost', 'float:RO', 2_000]
  const settled = resolved('refund', 2_000, agreed)
  deepEqual(wrongIn(...doubted, over, settled), [])
  deepEqual(wrongIn(...doubted, over, settled, settled), [
    ...['number.event', 'number.refund', 'number.cost', 'number.money'],
  ])
  deepEqual(wrongIn(placed, bought, begun, over), ['number.event'])
  const parked: Told = [{ type: 'parked', why: 'CANCEL' }]
  const charge = resolved('charge', 2_100, price('post'), spent)
  deepEqual(wrongIn(placed, bought, begun, parked, charge), [])
  deepEqual(wrongIn(placed, bought, begun, parked, resolved('refund', 0, price('void'))), [])
  const dear = resolved('charge', 9_000, price('post'), ['move', 'cost', 'float:RO', 9_000])
  deepEqual(wrongIn(placed, bought, begun, parked, dear), ['number.cost'])
})
