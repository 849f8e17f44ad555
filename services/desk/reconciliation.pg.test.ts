import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { ServiceBroker } from 'moleculer'
import pg from 'pg'
import { testDatabase } from '../../deploy/testing/database.ts'
import { makeId } from '../../engine/ids.ts'
import { openDatabase } from '../../sql/database.ts'
import type { Answer } from '../contract/answer.ts'
import type { Call } from '../contract.ts'
import { freshKey } from '../fresh-key.ts'
import { transferReference } from '../soundbox/transfer-reference.ts'
import { reconciliationService } from './reconciliation.service.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
const owner = new pg.Client({ connectionString: database.url })
await owner.connect()
const clock = { ms: Date.UTC(2026, 10, 21, 5) }
const broker = new ServiceBroker({ logger: false })
let waits = 0
const caughtUp = async () => {
  waits++
}
broker.createService(reconciliationService({ db, now: () => clock.ms, caughtUp }))
await broker.start()
after(async () => {
  await broker.stop()
  await owner.end()
  await db.end()
  await database.drop()
})

const call: Call = (action, params) => broker.call(action, params)
const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}
const day = '2026-11-20'
const at = (time: string, on = day) => Date.parse(`${on}T${time}+07:00`)
const merchant = makeId(at('01:00:00'), 1, freshKey())

async function payment(
  reference: string,
  amount: number,
  { paid = at('10:00:00'), fee = 0, batch = null as string | null, acquirer = '' } = {},
): Promise<string> {
  const id = makeId(paid - 60_000, 1, freshKey())
  await owner.query(
    `insert into payment_view (id, merchant_id, outlet_id, terminal_id, kind, status, amount, fee,
       reference, qr, paid_at, booked_at, day, acquirer_ref, batch_id, created_by, created_at,
       updated_at)
     values ($1, $2, $2, $2, 'dynamic', 'PAID', $3, $4, $5, '', to_timestamp($6 / 1000.0),
       to_timestamp($6 / 1000.0), '20261120', $7, $8, 'x', now(), now())`,
    [id, merchant, amount, fee, reference, paid, acquirer, batch],
  )
  return id
}

let batches = 0
async function batch(reference: string, total: number, paid: number | null): Promise<string> {
  const id = makeId(at('09:00:00') + batches++, 1, freshKey())
  await owner.query(
    `insert into settlement_view (id, merchant_id, reference, status, due_day, days, days_total,
       created_by, created_at, updated_at, paid_at)
     values ($1, $2, $3, $4, '20261120', '[]', $5, 'x', now(), now(),
       to_timestamp($6::float8 / 1000))`,
    [id, merchant, reference, paid === null ? 'created' : 'paid', total, paid],
  )
  return id
}

const open = async (kind: 'acquirer' | 'bank' | 'ledger') =>
  okOf(await call('recon.breaks', { status: 'open', kind, limit: 100 })).rows

const report = (rows: readonly string[], head = 'settlement_date,reference,type,amount,net') =>
  [head, ...rows, ''].join('\r\n')

test('reconciliation: the acquirer’s day: what is only there, only here, and different (DKN4)', async () => {
  await payment('A-1', 10_000)
  const differs = await payment('A-2', 20_000)
  await payment('static:RRN3', 5_000, { acquirer: 'RRN3' })
  const here = await payment('A-4', 7_000)
  await payment('A-0', 1, { paid: at('23:59:59', '2026-11-19') })
  const rows = ['A-1,PAYMENT,10000,9930', 'A-2,PAYMENT,20001,19861', 'RRN3,PAYMENT,"5000",4965']
  const text = report([
    ...rows.map(row => `${day},${row}`),
    `${day},A-9,PAYMENT,900,893`,
    '2026-11-19,A-0,PAYMENT,1,1',
  ])
  const done = okOf(await call('recon.acquirer', { day, source: 'a.csv', text, by: 'ani' }))
  deepEqual([done.run.rows, done.run.matched, done.otherDays, done.breaks], [4, 2, 1, 3])
  deepEqual([done.run.ours, done.run.theirs, done.run.net], [42_000, 35_901, 35_649])
  deepEqual(
    (await open('acquirer')).map(one => [one.what, one.key, one.subject, one.ours, one.theirs]),
    [
      ['amount_differs', 'A-2', differs, 20_000, 20_001],
      ['missing_here', 'A-9', null, null, 900],
      ['missing_there', 'A-4', here, 7_000, null],
    ],
  )
})

test('reconciliation: what somebody did just now is waited for before anything is compared (DKN9)', async () => {
  const before = waits
  const none = { day: '2026-01-05', source: 'x', by: 'ani' } as const
  okOf(await call('recon.acquirer', { ...none, text: 'reference,amount\n' }))
  okOf(await call('recon.bank', { ...none, text: 'date,reference,debit,credit\n' }))
  okOf(await call('recon.ledger', { by: 'ani' }))
  okOf(await call('recon.batches', { limit: 1 }))
  equal(waits - before, 4)
})

test('reconciliation: again: age and owner stay, what is gone is healed (DKN2, DKN3)', async () => {
  const [first, second] = await open('acquirer')
  equal(okOf(await call('recon.own', { id: first!.id, owner: 'budi' })).owner, 'budi')
  okOf(await call('recon.close', { id: second!.id, by: 'ani', note: 'uji coba mereka' }))
  clock.ms += 2 * 86_400_000
  const rows = ['A-1,PAYMENT,10000', 'A-2,PAYMENT,20001', 'RRN3,PAYMENT,5000', 'A-9,PAYMENT,900']
  const text = report(
    [...rows, 'A-4,PAYMENT,7000'].map(row => `${day},${row}`),
    'settlement_date,reference,type,amount',
  )
  const done = okOf(await call('recon.acquirer', { day, source: 'b.csv', text, by: 'ani' }))
  equal(done.run.matched, 3)
  const left = await open('acquirer')
  deepEqual(
    left.map(one => [one.key, one.owner, one.ageDays]),
    [['A-2', 'budi', 2]],
  )
  const healed = okOf(await call('recon.breaks', { status: 'healed', limit: 10 })).rows
  deepEqual(
    healed.map(one => one.key),
    ['A-4'],
  )
  const resolved = okOf(await call('recon.breaks', { status: 'resolved', limit: 10 })).rows
  deepEqual(
    resolved.map(one => [one.key, one.closedBy]),
    [['A-9', 'ani']],
  )
  const back = text.replace('A-4,PAYMENT,7000', 'A-4,PAYMENT,6999')
  okOf(await call('recon.acquirer', { day, source: 'c.csv', text: back, by: 'ani' }))
  equal((await open('acquirer')).length, 2)
})

test('reconciliation: a file that can not be read: the line is told, nothing changes (DKN1)', async () => {
  const before = okOf(await call('recon.runs', { limit: 50 })).rows.length
  const ask = (text: string) => call('recon.acquirer', { day, source: 'x', text, by: 'ani' })
  for (const [text, line, problem] of [
    [report([`${day},A-1,PAYMENT,10.5,1`]), 2, 'amount'],
    [report([`${day},A-1,PAYMENT,10000,1`, `${day},,PAYMENT,1,1`]), 3, 'reference'],
    [report(['yesterday,A-1,PAYMENT,1,1']), 2, 'date'],
    ['', 1, 'empty'],
  ] as const) {
    const answer = await ask(text)
    ok('refused' in answer && answer.refused === 'STATEMENT_UNREADABLE', text)
    deepEqual([answer.details?.['line'], answer.details?.['problem']], [line, problem])
  }
  const odd = await call('recon.bank', { day: '2026-02-30', source: 'x', text: '', by: 'ani' })
  ok('refused' in odd && odd.refused === 'TIME_INVALID')
  equal(okOf(await call('recon.runs', { limit: 50 })).rows.length, before)
})

test('reconciliation: the bank’s statement: payouts and what the acquirer paid (DKN4)', async () => {
  const next = '2026-11-21'
  await batch('B-1', 100_000, at('09:00:00', next))
  const missing = await batch('B-2', 50_000, at('09:30:00', next))
  await batch('B-3', 70_000, null)
  const head = 'date,time,description,reference,debit,credit,balance'
  const rows = ['TRSF,B-1,100000.00,0', 'TRSF,B-3,70000,0', 'SETTLEMENT QRIS,QRIS-1,0,35649']
  const text = [head, ...rows.map(row => `${next},07:00:00,${row},1`)].join('\n')
  clock.ms += 1_000
  okOf(await call('recon.acquirer', { day, source: 'a', text: full, by: 'ani' }))
  const done = okOf(await call('recon.bank', { day: next, source: 'bank.csv', text, by: 'ani' }))
  deepEqual([done.run.matched, done.run.rows], [1, 3])
  deepEqual(
    (await open('bank')).map(one => [one.what, one.key]),
    [
      ['batch_unmarked', 'B-3'],
      ['transfer_missing', transferReference(missing)],
    ],
  )
  equal((await open('bank'))[1]!.subject, missing)
})

test('reconciliation: files that say nothing: refused, and what is open stays so (DKN1)', async () => {
  const on = '2026-11-22'
  const ask = (text: string) => call('recon.bank', { day: on, source: 'x', text, by: 'ani' })
  const good = `date,description,reference,debit,credit\n${on},TARIKAN,X-99,9000000,0\n`
  okOf(await ask(good))
  const before = await open('bank')
  for (const text of [
    good.replaceAll(',', ';').replace('date', 'Tanggal'),
    good.replace('date,description,reference,debit', 'tanggal,keterangan,referensi,debet'),
    '<html>not found</html>',
    good.replace(`${on},`, ','),
    good.replace(',0\n', ',0,0\n'),
  ]) {
    clock.ms += 1_000
    const answer = await ask(text)
    ok('refused' in answer && answer.refused === 'STATEMENT_UNREADABLE', text)
  }
  deepEqual(await open('bank'), before)
  clock.ms += 1_000
  okOf(await ask(good.replaceAll(',', ';')))
  deepEqual(
    (await open('bank')).filter(one => one.day === on).map(one => [one.key, one.theirs]),
    [['X-99', 9_000_000]],
  )
  await owner.query('delete from recon_break where day = $1', [on])
})

test('reconciliation: what was closed: open again with another amount, else not (DKN2)', async () => {
  const on = '2026-11-23'
  const told = async (amount: number) => {
    clock.ms += 1_000
    const text = `date,description,reference,debit,credit\n${on},ADM,X-99,${amount},0\n`
    okOf(await call('recon.bank', { day: on, source: 'x', text, by: 'ani' }))
    const { rows } = okOf(await call('recon.breaks', { kind: 'bank', limit: 100 }))
    return rows.find(one => one.day === on)!
  }
  const { id } = await told(5_000)
  okOf(await call('recon.close', { id, by: 'ani', note: 'biaya admin' }))
  equal((await told(5_000)).status, 'resolved')
  const { status, closedBy, closedAt, note, theirs } = await told(900_000_000)
  deepEqual([status, closedBy, closedAt], ['open', null, null])
  deepEqual([note, theirs], ['biaya admin', 900_000_000])
  await owner.query('delete from recon_break where day = $1', [on])
})

test('reconciliation: rows called alike: each is a difference of its own (DKN3, DKL5)', async () => {
  const on = '2026-11-24'
  const fees = ['BIAYA ADM,,5000,0', 'TARIKAN,,9000000,0'].map(row => `${on},${row}`)
  const text = ['date,description,reference,debit,credit', ...fees].join('\n')
  const id = await payment('T-1', 50_000, { paid: at('10:00:00', on) })
  for (let n = 0; n < 2; n++) {
    clock.ms += 1_000
    equal(okOf(await call('recon.bank', { day: on, source: 'x', text, by: 'ani' })).breaks, 2)
    const thrice = report(Array.from({ length: 3 }, () => `${on},T-1,PAYMENT,50000,49650`))
    const told = await call('recon.acquirer', { day: on, source: 'x', text: thrice, by: 'ani' })
    equal(okOf(told).breaks, 2)
  }
  const rows = [...(await open('bank')), ...(await open('acquirer'))].filter(one => one.day === on)
  deepEqual(
    rows.map(one => [one.what, one.key, one.subject, one.theirs]),
    [
      ['transfer_unknown', '', null, 5_000],
      ['transfer_unknown', '#2', null, 9_000_000],
      ['told_twice', 'T-1', id, 50_000],
      ['told_twice', 'T-1#2', id, 50_000],
    ],
  )
  await owner.query('delete from recon_break where day = $1', [on])
})

test('reconciliation: a payment of which we heard after midnight: of its own day (DKN7)', async () => {
  const on = '2026-11-25'
  const late = makeId(at('00:00:05', '2026-11-28'), 1, freshKey())
  const id = await payment('static:LATE', 70_000, { paid: at('23:59:58', on), acquirer: 'LATE' })
  await owner.query('update payment_view set id = $2 where id = $1', [id, late])
  const told = async (rows: readonly string[]) =>
    okOf(await call('recon.acquirer', { day: on, source: 'x', text: report(rows), by: 'ani' }))
  equal((await told([])).breaks, 1)
  const found = (await open('acquirer')).filter(one => one.day === on)
  deepEqual(
    found.map(one => [one.what, one.subject]),
    [['missing_there', late]],
  )
  clock.ms += 1_000
  equal((await told([`${on},LATE,PAYMENT,70000,69500`])).breaks, 0)
})

test('reconciliation: a report that does not say what will be paid: nothing is held to it (DKN8)', async () => {
  const [on, next] = ['2026-11-26', '2026-11-27']
  await payment('N-1', 50_000, { paid: at('10:00:00', on) })
  const statement = `date,description,reference,debit,credit\n${next},QRIS,Q,0,49650\n`
  const told = async (head: string, row: string) => {
    clock.ms += 1_000
    const text = `${head}\n${row}\n`
    const { run } = okOf(await call('recon.acquirer', { day: on, source: 'x', text, by: 'ani' }))
    const wish = { day: next, source: 'x', text: statement, by: 'ani' }
    return [run.net, okOf(await call('recon.bank', wish)).breaks]
  }
  deepEqual(await told('reference,amount', 'N-1,50000'), [null, 0])
  deepEqual(await told('reference,amount,net', 'N-1,50000,49650'), [49_650, 0])
  deepEqual(await told('reference,amount,net', 'N-1,50000,49000'), [49_000, 1])
  await owner.query('delete from recon_break where day = $1', [next])
})

test('reconciliation: our own batches: lines and postings sum to them, or it is told (DKN2)', async () => {
  const good = await batch('L-1', 9_900, at('09:00:00'))
  const bad = await batch('L-2', 9_900, at('09:00:00'))
  await owner.query("delete from settlement_view where reference like 'B-%'")
  for (const [n, id] of [good, bad].entries()) {
    await payment(`L-${n}`, 10_000, { fee: 100, batch: id })
    await owner.query(
      `insert into merchant_entry (shard, seq, leg, merchant_id, subject, subject_id, name, debit,
         credit, amount, booked_at)
       values (1, $1, 0, $2, 'settlement', $3, 'take', 'payable', $4, 9900, now())`,
      [n + 1, merchant, id, `batch:${merchant}`],
    )
  }
  equal(okOf(await call('recon.ledger', { by: 'ani' })).breaks, 0)
  await owner.query("update payment_view set amount = 10001 where reference = 'L-1'")
  await owner.query('update merchant_entry set amount = 9800 where seq = 2')
  okOf(await call('recon.ledger', { by: 'ani' }))
  deepEqual(
    (await open('ledger')).map(one => [one.what, one.key, one.ours, one.theirs]),
    [
      ['lines_differ', transferReference(bad), 9_900, 9_901],
      ['ledger_differs', transferReference(bad), 9_900, 9_800],
    ],
  )
})

test('reconciliation: batch by batch: what it says, what is booked, what the bank did (DKN5)', async () => {
  await owner.query('delete from settlement_view')
  await owner.query('delete from recon_run')
  const next = '2026-11-21'
  const mornings = ['01', '02', '03', '04'].map(hour => at(`${hour}:00:00`, next))
  const [good, missing, waiting] = [
    await batch('P-1', 9_900, mornings[0]!),
    await batch('P-2', 5_000, mornings[1]!),
    await batch('P-3', 700, null),
  ]
  await payment('P-1', 10_000, { fee: 100, batch: good })
  await owner.query(
    `insert into merchant_entry (shard, seq, leg, merchant_id, subject, subject_id, name, debit,
       credit, amount, booked_at)
     values (1, 100, 0, $1, 'settlement', $2, 'take', 'payable', $3, 9900, now())`,
    [merchant, good, `batch:${merchant}`],
  )
  const table = async (asked: object = {}) => {
    const page = okOf(await call('recon.batches', { limit: 10, ...asked }))
    return page.rows.map(one => [
      ...[one.settlementBatchId, one.total, one.lines, one.ledger, one.bank],
      one.breaks.map(({ kind, what }) => `${kind} ${what}`),
    ])
  }
  deepEqual(await table(), [
    [waiting, 700, 0, 0, null, []],
    [missing, 5_000, 0, 0, null, []],
    [good, 9_900, 9_900, 9_900, null, []],
  ])

  const head = 'date,description,reference,debit,credit'
  const text = [head, `${next},TRSF,P-1,9900,0`].join('\n')
  clock.ms = Date.now() + 60_000
  okOf(await call('recon.bank', { day: next, source: 'bank.csv', text, by: 'ani' }))
  okOf(await call('recon.ledger', { by: 'ani' }))
  deepEqual(await table(), [
    [waiting, 700, 0, 0, null, ['ledger ledger_differs', 'ledger lines_differ']],
    [
      ...[missing, 5_000, 0, 0, 0],
      ['bank transfer_missing', 'ledger ledger_differs', 'ledger lines_differ'],
    ],
    [good, 9_900, 9_900, 9_900, 9_900, []],
  ])
  const read = async (settlementBatchId: string) => {
    const { rows } = okOf(await call('recon.batches', { settlementBatchId, limit: 5 }))
    deepEqual(rows.length, 1)
    const { statement } = rows[0]!
    return statement && [statement.source, statement.day, statement.readAt]
  }
  const ofToday = ['bank.csv', next, clock.ms]
  deepEqual(await Promise.all([good, missing, waiting].map(read)), [ofToday, ofToday, null])
  // A statement of another day that names a batch is the one it was read from.
  clock.ms += 60_000
  const early = [head, `${day},TRSF,P-3,700,0`].join('\n')
  okOf(await call('recon.bank', { day, source: 'kemarin.csv', text: early, by: 'ani' }))
  deepEqual(await read(waiting), ['kemarin.csv', day, clock.ms])
  deepEqual(await read(good), ofToday)
  await owner.query(`delete from recon_break where subject = $1 and kind = 'bank'`, [waiting])
  const first = okOf(await call('recon.batches', { limit: 2 }))
  deepEqual([first.rows.length, first.next], [2, missing])
  deepEqual((await table({ before: first.next })).length, 1)
  deepEqual((await table({ status: 'created' })).length, 1)
  deepEqual((await table({ merchantId: good })).length, 0)
})

test('reconciliation: refunds: each on its own day, by the acquirer’s name for it (DKN6)', async () => {
  const on = '2026-10-14'
  const next = '2026-10-15'
  const paid = { paid: at('10:00:00', on), acquirer: 'QL-1' }
  const label = await payment('own-1', 100_000, paid)
  const kept = await payment('own-2', 30_000, { ...paid, acquirer: 'QL-2' })
  const told = await payment('own-3', 20_000, { ...paid, acquirer: 'QL-3' })
  const refund = (id: string, n: number, amount: number, booked: number, confirmed?: number) =>
    owner.query(
      `insert into payment_refund (payment_id, refund_id, merchant_id, day, amount, fee, reason,
         refunded_by, refunded_at, confirmed_at)
       values ($1, $2, $3, '20261014', $4, 0, 'x', 'x', to_timestamp($5::float8 / 1000),
         to_timestamp($6::float8 / 1000))`,
      [id, `f${n}`, merchant, amount, booked, confirmed ?? null],
    )
  await refund(label, 1, 40_000, at('11:00:00', on))
  await refund(label, 2, 10_000, at('11:00:00', next))
  await refund(kept, 3, 5_000, at('12:00:00', next))
  await refund(told, 4, 7_000, at('23:59:00', on), at('09:00:00', next))
  const run = async (asked: string, rows: readonly string[]) => {
    const text = report(rows.map(row => `${asked},${row}`))
    return okOf(await call('recon.acquirer', { day: asked, source: 'r.csv', text, by: 'ani' }))
  }
  const first = await run(on, [
    ...['QL-1,REFUND,40000,-40000', 'QL-1,PAYMENT,100000,99300'],
    ...['QL-2,PAYMENT,30000,29790', 'QL-3,PAYMENT,20000,19860'],
  ])
  deepEqual([first.run.matched, first.breaks], [4, 0])
  const second = await run(next, ['QL-1,REFUND,10000,-10000', 'QL-3,REFUND,7000,-7000'])
  deepEqual([second.run.matched, second.breaks, second.run.ours], [2, 1, 0])
  deepEqual(
    (await open('acquirer')).filter(one => one.day === next).map(one => [one.what, one.subject]),
    [['refund_missing_there', kept]],
  )
  await owner.query(`delete from recon_break`)
  await owner.query(`delete from payment_refund where merchant_id = $1`, [merchant])
})

const full = report([
  `${day},A-1,PAYMENT,10000,9930`,
  `${day},A-2,PAYMENT,20001,19861`,
  `${day},RRN3,PAYMENT,5000,4965`,
  `${day},A-9,PAYMENT,900,893`,
])
