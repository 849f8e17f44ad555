import { deepEqual, equal } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { databasesOfFile } from '../../deploy/testing/database.ts'
import { sound } from '../../deploy/verify/verify.fixture.ts'
import { sql } from '../../sql/database.ts'
import { parseCsv } from '../catalogue/csv.ts'
import type { Call } from '../contract.ts'
import { dayOf } from '../day.ts'
import {
  okOf,
  refusedOf,
  type Shop,
  shopAt,
  signed,
  type Till,
  tillAt,
  withFees,
} from '../soundbox/soundbox.fixture.ts'
import { reconciliationService } from './reconciliation.service.ts'
import { statementService } from './statement.service.ts'

const by = 'ani'
const dayMs = 24 * 60 * 60_000
const bank = { format: 'bank_generic', by } as const

const database = databasesOfFile(after)

type Stand = Till & Shop & { before: (action: string) => Promise<void> }

/** A merchant with an account, a batch of 50,000 that waits, and the desk's files. */
async function standAt(t: TestContext): Promise<Stand & { readonly settlementBatchId: string }> {
  const till = await tillAt(t, { url: await database() })
  await withFees(till, 0)
  const shop = await shopAt(till.call)
  const stand: Stand = { ...till, ...shop, before: async () => {} }
  const call: Call = async (action, params) => {
    await stand.before(action)
    return await till.call(action, params)
  }
  // After the node has started: it is taken up all the same.
  till.broker.createService(statementService({ call }))
  await till.broker.waitForServices('statement')
  const { merchantId } = shop.merchant
  const fields = { bankCode: 'bca', accountName: 'Toko', accountNumber: '0012345678' }
  okOf(await till.call('merchant.change', { merchantId, by, fields }))
  await paid(stand, 50_000)
  till.clock.ms += dayMs
  const { settlementBatchId } = okOf(await till.call('settlement.create', { merchantId, by }))
  return Object.assign(stand, { settlementBatchId })
}

let references = 0

async function paid(stand: Till & Shop, amount: number): Promise<string> {
  const told = { reference: `RRN${++references}`, terminal_id: stand.printed.tid, amount }
  const { nmid } = stand.merchant
  const taken = await stand.call('payment.callback', await signed(stand, { ...told, nmid }))
  equal(taken.verdict === 'taken' && taken.result, 'applied')
  return taken.verdict === 'taken' ? taken.transactionId! : ''
}

const amountsIn = (text: string): readonly string[] => {
  const read = parseCsv(text, 1_000)
  return 'problem' in read ? [read.problem] : read.slice(1).map(({ cells }) => cells[3]!)
}

test('statement: cancelled while its bank file is made: no file, the next batch has it (DKI4)', async t => {
  const stand = await standAt(t)
  const { call, settlementBatchId } = stand
  const { merchantId } = stand.merchant
  stand.before = async action => {
    if (action !== 'merchant.account') return
    okOf(await call('settlement.cancel', { settlementBatchId, reason: 'batal', by }))
  }
  const file = await call('statement.batch', { settlementBatchId, ...bank })
  equal(refusedOf(file), 'EXPORT_UNREADY')
  stand.before = async () => {}
  const next = okOf(await call('settlement.create', { merchantId, by, reference: 'S-2' }))
  equal(next.total, 50_000)
  const { text, leftOut, held } = okOf(await call('statement.batches', bank))
  deepEqual([amountsIn(text), leftOut, held], [['50000'], 0, 0])
  await sound(stand)
})

test('statement: adjusted while its bank file is made: the file says what is paid (DKI4)', async t => {
  const stand = await standAt(t)
  const { call, settlementBatchId } = stand
  const words = { settlementBatchId, kind: 'debit', amount: 1_500, reason: 'sewa', by } as const
  stand.before = async action => {
    if (action !== 'merchant.account') return
    okOf(await call('settlement.adjust', { ...words, adjustmentId: 'a' }))
  }
  const { text } = okOf(await call('statement.batch', { settlementBatchId, ...bank }))
  deepEqual(amountsIn(text), ['48500'])
  const late = await call('settlement.adjust', { ...words, adjustmentId: 'b' })
  equal(refusedOf(late), 'BANK_FILE_GIVEN')
  const batch = { settlementBatchId, by }
  const done = okOf(await call('settlement.markPaid', { ...batch, bankReference: 'B-1' }))
  equal(done.total, 48_500)
  const renamed = await call('settlement.setReference', { ...batch, bankReference: 'B-2' })
  equal(refusedOf(renamed), 'BATCH_FINAL')
  await sound(stand)
})

test('statement: a second file: what is in one already is not in it, unless asked for (DKI6)', async t => {
  const stand = await standAt(t)
  const { call, settlementBatchId } = stand
  const file = async (wish: { again?: boolean; status?: 'paid' } = {}) => {
    const { text, held } = okOf(await call('statement.batches', { ...bank, ...wish }))
    return [amountsIn(text), held]
  }
  deepEqual(await file(), [['50000'], 0])
  deepEqual(await file(), [[], 1])
  deepEqual(await file({ again: true }), [['50000'], 0])
  const alone = { settlementBatchId, ...bank }
  equal(refusedOf(await call('statement.batch', alone)), 'BANK_FILE_GIVEN')
  okOf(await call('statement.batch', { ...alone, again: true }))
  const batch = { settlementBatchId, by }
  const cancel = { ...batch, reason: 'salah' }
  equal(refusedOf(await call('settlement.cancel', cancel)), 'BANK_FILE_GIVEN')
  okOf(await call('settlement.markPaid', batch))
  deepEqual(await file({ status: 'paid' }), [[], 1])
  deepEqual(await file({ status: 'paid', again: true }), [['50000'], 0])
  await sound(stand)
})

test('statement: a batch in a bank’s file: says who fetched the first one and when, also in lists (SAM10)', async t => {
  const stand = await standAt(t)
  const { call, settlementBatchId, clock, rows } = stand
  const told = async () => [
    okOf(await call('settlement.get', { settlementBatchId })).bankFile,
    okOf(await call('settlement.list', { limit: 5 })).rows.map(one => one.bankFile),
  ]
  deepEqual(await told(), [null, [null]])
  const first = { by, at: clock.ms }
  okOf(await call('statement.batch', { settlementBatchId, ...bank }))
  deepEqual(await told(), [first, [first]])
  clock.ms += 60_000
  okOf(await call('statement.batches', { ...bank, by: 'another', again: true }))
  okOf(await call('settlement.markPaid', { settlementBatchId, by }))
  deepEqual(await told(), [first, [first]])
  await rows.rebuild()
  deepEqual(await told(), [first, [first]])
})

test('statement: a file of before the journal knew of it: it counts as well (DKI6, SAM6)', async t => {
  const stand = await standAt(t)
  const { call, settlementBatchId, db } = stand
  await db.pool.query(sql.unsafe`
    insert into bank_file (batch_id, amount, given_to)
    values (${settlementBatchId}, 50000, 'budi')`)
  const words = { settlementBatchId, reason: 'salah', by }
  const held = await call('settlement.cancel', words)
  equal(refusedOf(held), 'BANK_FILE_GIVEN')
  equal('refused' in held && held.details?.['given_to'], 'budi')
  const one = { ...words, adjustmentId: 'a', kind: 'debit', amount: 1_500 } as const
  equal(refusedOf(await call('settlement.adjust', one)), 'BANK_FILE_GIVEN')
  equal(refusedOf(await call('statement.batch', { settlementBatchId, ...bank })), 'BANK_FILE_GIVEN')
  okOf(await call('settlement.cancel', { ...words, isRecalled: true }))
  await sound(stand)
})

test('statement: the run of a day: what the bank did by its file is found, batch by batch (DKI7)', async t => {
  const stand = await standAt(t)
  const { call, clock, db, broker } = stand
  broker.createService(reconciliationService({ db, now: () => clock.ms, caughtUp: async () => {} }))
  await broker.waitForServices('recon')
  okOf(await call('settlement.cancel', { ...stand, by, reason: 'salah' }))
  for (const [n, amount] of [20_000, 20_000, 30_000].entries()) {
    const shop = await shopAt(call, `Toko ${n}`)
    const { merchantId } = shop.merchant
    const fields = { bankCode: 'bca', accountName: `Toko ${n}`, accountNumber: `12345678${n}` }
    okOf(await call('merchant.change', { merchantId, by, fields }))
    await paid({ ...stand, ...shop }, amount)
  }
  clock.ms += dayMs
  const made = okOf(await call('settlement.run', { by })).rows
  equal(new Set(made.map(one => one.reference)).size, 1)
  const { text } = okOf(await call('statement.batches', bank))
  const read = parseCsv(text, 100)
  const transfers = 'problem' in read ? [] : read.slice(1).map(({ cells }) => cells)
  equal(transfers.length, 4)
  for (const { settlementBatchId } of made) {
    okOf(await call('settlement.markPaid', { settlementBatchId, by }))
  }
  okOf(await call('settlement.list', { limit: 5 }))
  const day = dayOf(clock.ms)
  const head = 'date,description,reference,debit,credit'
  const held = async (
    rows: readonly (readonly string[])[],
    named: (row: readonly string[]) => string,
  ) => {
    clock.ms += 1_000
    const lines = rows.map(row => `${day},${named(row)},${row[3]},0`)
    const file = { day, source: 'b.csv', text: [head, ...lines].join('\n'), by }
    const { run, breaks } = okOf(await call('recon.bank', file))
    return [run.matched, breaks]
  }
  deepEqual(await held(transfers, row => `TRSF,${row[5]}`), [4, 0])
  deepEqual(await held(transfers.toReversed(), row => `TRSF ${row[5]} DB,FT26288`), [4, 0])
  const own = made[0]!.reference
  deepEqual(await held(transfers, () => `TRSF,${own}`), [4, 0], 'as files of before called them')
  deepEqual(await held([...transfers, transfers[0]!], row => `TRSF,${row[5]}`), [4, 1])
  deepEqual(await held(transfers.slice(1), row => `TRSF,${row[5]}`), [3, 1])
})
