import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { after, test } from 'node:test'
import { ServiceBroker } from 'moleculer'
import { parseCsv } from '../catalogue/csv.ts'
import type { Answer } from '../contract/answer.ts'
import type { AdjustmentView, SettlementLine, SettlementView } from '../contract/soundbox.ts'
import type { Actions, Call } from '../contract.ts'
import { statementService } from './statement.service.ts'

const at = Date.UTC(2026, 10, 21, 3)
const batch: SettlementView = {
  ...{ settlementBatchId: 'b1', merchantId: 'm1', reference: 'S-1', status: 'created' },
  transferReference: 'LJ3W5E11264SGN',
  ...{ dueDay: '20261121', days: [], adjusted: -1_500, total: 33_500, bankReference: '' },
  ...{ reason: '', replaces: null, next: null, createdBy: 'x', createdAt: at, updatedAt: at },
  ...{ paidAt: null, bankFile: null },
}
const line = (n: number, net: number): SettlementLine => ({
  ...{ kind: net < 0 ? 'refund' : 'payment', transactionId: `t${n}`, reference: `=r${n}` },
  ...{ refundId: net < 0 ? 'r' : '', day: '20261120', gross: net, fee: 0, net, at },
})
const adjusted: AdjustmentView = {
  ...{
    settlementBatchId: 'b1',
    adjustmentId: 'a1',
    merchantId: 'm1',
    kind: 'debit',
    amount: 1_500,
  },
  ...{ reason: 'sewa', by: 'ani', at },
}

const brokers: ServiceBroker[] = []
after(() => Promise.all(brokers.map(broker => broker.stop())))

type Scripts = { [A in keyof Actions]?: (params: Actions[A]['params']) => Actions[A]['result'] }

/** The services behind it, scripted at the seam `Call`. */
async function desk(lines: readonly SettlementLine[], more: Scripts = {}) {
  const asked: [string, unknown][] = []
  const noted: string[] = []
  const scripts: Scripts = {
    'settlement.get': ({ settlementBatchId }) =>
      settlementBatchId === 'b1' ? { ok: batch } : { refused: 'NOT_FOUND', moneyEffect: 'none' },
    'settlement.lines': ({ cursor, limit }) => {
      const from = Number(cursor ?? 0)
      const next = from + limit < lines.length ? String(from + limit) : null
      return { ok: { rows: lines.slice(from, from + limit), next } }
    },
    'settlement.adjustments': () => ({ ok: { rows: [adjusted], next: null } }),
    'settlement.list': () => ({ ok: { rows: [batch], next: null } }),
    'settlement.give': ({ settlementBatchId, by }) => {
      noted.push(`${settlementBatchId} ${by}`)
      return { ok: settlementBatchId === 'b2' ? { ...batch, total: 9_000 } : batch }
    },
    'merchant.account': () => ({
      ok: { bankCode: 'bca', accountName: '=Toko', accountNumber: '0012345678' },
    }),
    ...more,
  }
  const call = (async (action: keyof Actions, params: never) => {
    asked.push([action, params])
    return scripts[action]!(params)
  }) as Call
  const broker = new ServiceBroker({ logger: false })
  broker.createService(statementService({ call }))
  await broker.start()
  brokers.push(broker)
  const ask = <A extends 'statement.batch' | 'statement.batches' | 'statement.adjustments'>(
    action: A,
    params: Actions[A]['params'],
  ): Promise<Actions[A]['result']> => broker.call(action, params)
  return { ask, asked, noted }
}

function rowsOf(answer: Answer<{ text: string }>): readonly (readonly string[])[] {
  ok('ok' in answer, JSON.stringify(answer))
  const read = parseCsv(answer.ok.text, 100_000)
  ok(!('problem' in read))
  return read.map(row => row.cells)
}

test('statement: a batch: its rows sum to its total, over any number of pages (DKI1)', async () => {
  const many = [...Array.from({ length: 1_200 }, (_, n) => line(n, 30)), line(9_999, -1_000)]
  const { ask, asked } = await desk(many)
  const wish = { settlementBatchId: 'b1', format: 'standard', by: 'ani' } as const
  const [head, ...rows] = rowsOf(await ask('statement.batch', wish))
  const net = head!.indexOf('net')
  const total = rows.at(-1)!
  equal(Number(total[net]), 33_500)
  const sum = rows.slice(0, -1).reduce((all, row) => all + Number(row[net]), 0)
  equal(sum, 1_200 * 30 - 1_000 - 1_500)
  equal(rows.length, many.length + 2)
  equal(asked.filter(([action]) => action === 'settlement.lines').length, 3)
  equal(rows[0]![3], '=r0', 'a formula comes back as it was, and went out as text')
})

test('statement: a bank’s file: what waits to be paid, the whole account, its own name (DKI2, DKI7)', async () => {
  const { ask, asked } = await desk([])
  const [head, row] = rowsOf(await ask('statement.batches', { format: 'bank_generic', by: 'ani' }))
  deepEqual(head!.slice(0, 4), ['bank_code', 'account_number', 'account_name', 'amount'])
  deepEqual(row!.slice(0, 6), ['bca', '0012345678', '=Toko', '33500', 'IDR', 'LJ3W5E11264SGN'])
  deepEqual(asked[0], ['settlement.list', { status: 'created', limit: 500 }])
  await ask('statement.batches', {
    ...{ format: 'bank_generic', status: 'paid', by: 'ani' },
  })
  deepEqual(asked.at(-3), ['settlement.list', { status: 'paid', limit: 500 }])
})

test('statement: an account of two lines: one line of a bank’s file all the same (DKI8)', async () => {
  const account = { bankCode: 'bca\r', accountNumber: '0012345678' }
  const accountName = 'Toko\nbca,999999999,Lain,1000000,IDR,LJ,x'
  const { ask } = await desk([], {
    'merchant.account': () => ({ ok: { ...account, accountName } }),
  })
  const answer = await ask('statement.batches', { format: 'bank_generic', by: 'ani' })
  ok('ok' in answer)
  equal(answer.ok.text.split(/[\r\n]+/).filter(line => line !== '').length, 2)
  deepEqual(rowsOf(answer)[1]!.slice(0, 3), [
    'bca',
    '0012345678',
    'Toko bca,999999999,Lain,1000000,IDR,LJ,x',
  ])
})

test('statement: a batch in a bank’s file: it says so itself, and the file has its words (DKI4)', async () => {
  const wish = { settlementBatchId: 'b1', format: 'bank_generic', by: 'ani' } as const
  const { ask, noted } = await desk([])
  rowsOf(await ask('statement.batch', wish))
  deepEqual(noted, ['b1 ani'])
  const changed = await desk([], { 'settlement.give': () => ({ ok: { ...batch, total: 1 } }) })
  equal(rowsOf(await changed.ask('statement.batch', wish))[1]![3], '1')
  const over = await desk([], {
    'settlement.get': () => ({ ok: { ...batch, status: 'cancelled' } }),
  })
  const none = await over.ask('statement.batch', wish)
  ok('refused' in none && none.refused === 'EXPORT_UNREADY')
  deepEqual(over.noted, [])
})

test('statement: many, and the engine goes away: those that were given are in the file, and told (DKI4)', async () => {
  const rows = Array.from({ length: 60 }, (_, n) => ({ ...batch, settlementBatchId: `b${n}` }))
  const gone: Answer<never> = { fault: 'ENGINE_UNAVAILABLE', retryAfterMs: 1 } as never
  let left = 55
  const { ask } = await desk([], {
    'settlement.list': () => ({ ok: { rows, next: null } }),
    'settlement.give': () => (left-- > 0 ? { ok: batch } : gone),
  })
  const all = { format: 'bank_generic', by: 'ani' } as const
  const made = await ask('statement.batches', all)
  equal(rowsOf(made).length, 56)
  ok('ok' in made)
  deepEqual([made.ok.held, made.ok.more], [0, 5])
  deepEqual(
    made.ok.given,
    rows.slice(0, 55).map(one => one.settlementBatchId),
  )
  deepEqual(await ask('statement.batches', all), gone)
})

test('statement: many, and the first can not be given: the others are in the file that they say (DKI4)', async () => {
  const rows = Array.from({ length: 60 }, (_, n) => ({ ...batch, settlementBatchId: `b${n}` }))
  const gone: Answer<never> = { fault: 'JOURNAL_UNAVAILABLE', retryAfterMs: 1 }
  const all = { format: 'bank_generic', by: 'ani' } as const
  const others = rows.slice(2).map(one => one.settlementBatchId)
  const { ask } = await desk([], {
    'settlement.list': () => ({ ok: { rows, next: null } }),
    'settlement.give': ({ settlementBatchId: id }) => {
      if (id === 'b1') throw new Error('the database went away')
      return id === 'b0' ? gone : { ok: batch }
    },
  })
  const made = await ask('statement.batches', all)
  ok('ok' in made, JSON.stringify(made))
  deepEqual([made.ok.given, made.ok.held, made.ok.more, rowsOf(made).length], [others, 0, 2, 59])
  const none = await desk([], {
    'settlement.list': () => ({ ok: { rows, next: null } }),
    'settlement.give': () => {
      throw new Error('the database went away')
    },
  })
  await rejects(none.ask('statement.batches', all), /the database went away/)
})

test('statement: a bank’s file: no batch without a whole account in it (DKI5)', async () => {
  const whole = { bankCode: 'bca', accountName: 'Toko', accountNumber: '0012345678' }
  const other = { ...batch, settlementBatchId: 'b2', merchantId: 'm2', total: 9_000 }
  const all = { format: 'bank_generic', by: 'ani' } as const
  for (const gap of ['bankCode', 'accountName', 'accountNumber']) {
    const { ask, noted } = await desk([], {
      'settlement.list': () => ({ ok: { rows: [batch, other], next: null } }),
      'merchant.account': ({ merchantId }) => ({
        ok: merchantId === 'm1' ? { ...whole, [gap]: '' } : whole,
      }),
    })
    const made = await ask('statement.batches', all)
    deepEqual(
      rowsOf(made).map(row => row[3]),
      ['amount', '9000'],
    )
    ok('ok' in made && 'leftOut' in made.ok && made.ok.leftOut === 1)
    deepEqual(noted, ['b2 ani'])
    const alone = await ask('statement.batch', { ...all, settlementBatchId: 'b1' })
    ok('refused' in alone && alone.refused === 'BANK_ACCOUNT_MISSING')
    deepEqual(noted, ['b2 ani'])
  }
})

test('statement: a bank’s file: more than one may have are for the next one (DKI3, DKI6)', async () => {
  const all = { format: 'bank_generic', by: 'ani' } as const
  const waiting = Array.from({ length: 5_203 }, (_, n) => ({
    ...{ ...batch, settlementBatchId: `b${n}` },
    bankFile: n < 200 ? { by: 'budi', at } : null,
  }))
  const { ask } = await desk([], {
    'settlement.list': ({ cursor, limit }) => {
      const from = Number(cursor ?? 0)
      const next = from + limit < waiting.length ? String(from + limit) : null
      return { ok: { rows: waiting.slice(from, from + limit), next } }
    },
    'settlement.give': ({ settlementBatchId: id }) => {
      const one = waiting.find(({ settlementBatchId }) => settlementBatchId === id)!
      one.bankFile = { by: 'ani', at }
      return { ok: one }
    },
  })
  const counted = async () => {
    const made = await ask('statement.batches', all)
    ok('ok' in made, JSON.stringify(made))
    return [rowsOf(made).length - 1, made.ok.held, made.ok.more]
  }
  deepEqual(await counted(), [5_000, 200, 3])
  deepEqual(await counted(), [3, 5_200, 0])
  deepEqual(await counted(), [0, 5_203, 0])
  const plain = await ask('statement.batches', { ...all, format: 'standard' })
  ok('refused' in plain && plain.refused === 'EXPORT_LIMIT')
})

test('statement: too long for one answer, or not there: refused (DKI3)', async () => {
  const { ask } = await desk(Array.from({ length: 50_001 }, (_, n) => line(n, 1)))
  const long = await ask('statement.batch', {
    settlementBatchId: 'b1',
    format: 'standard',
    by: 'ani',
  })
  ok('refused' in long && long.refused === 'EXPORT_LIMIT')
  const none = await ask('statement.batch', {
    settlementBatchId: 'b2',
    format: 'standard',
    by: 'ani',
  })
  ok('refused' in none && none.refused === 'NOT_FOUND')
  const [head, row] = rowsOf(await ask('statement.adjustments', {}))
  deepEqual([head!.length, row![3], row![4]], [row!.length, 'debit', '1500'])
})

test('statement: adjustments: every page of them, or refused as too long (DKI3)', async () => {
  const many = (pages: number) =>
    desk([], {
      'settlement.adjustments': ({ cursor, limit }) => {
        const page = Number(cursor ?? 0) + 1
        const rows = Array.from({ length: limit }, () => adjusted)
        return { ok: { rows, next: page < pages ? String(page) : null } }
      },
    })
  const { ask, asked } = await many(3)
  equal(rowsOf(await ask('statement.adjustments', { merchantId: 'm1' })).length, 1 + 3 * 500)
  deepEqual(asked.at(-1)![1], { merchantId: 'm1', cursor: '2', limit: 500 })
  const long = await (await many(200)).ask('statement.adjustments', {})
  ok('refused' in long && long.refused === 'EXPORT_LIMIT')
})
