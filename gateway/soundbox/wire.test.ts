import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { fieldsOf, wire } from './wire.ts'

test('wire: names and moments: as strangers know them, however deep (DKH1)', () => {
  const row = {
    ...{ merchantId: 'm', settleDays: 1, createdAt: 0, at: 1_000, paidAt: null },
    ...{ since: 3_000, previousUntil: 4_000 },
    rows: [{ qrName: 'A', effectiveFrom: 2_000, plan: { feeBps: 70 } }],
  }
  deepEqual(wire(row), {
    ...{ merchant_id: 'm', settle_days: 1, created_at: '1970-01-01T00:00:00.000Z' },
    ...{ at: '1970-01-01T00:00:01.000Z', paid_at: null },
    ...{ since: '1970-01-01T00:00:03.000Z', previous_until: '1970-01-01T00:00:04.000Z' },
    rows: [{ qr_name: 'A', effective_from: '1970-01-01T00:00:02.000Z', plan: { feeBps: 70 } }],
  })
})

test('wire: a body: read back under our names, without what is not there (DKH1)', () => {
  const row = { merchantId: 'm', settleDays: 1, bankCode: 'bca' }
  deepEqual(fieldsOf(wire(row) as object), row)
  deepEqual(fieldsOf({ qr_name: 'A', city: undefined }), { qrName: 'A' })
})

test('wire: a moment that no calendar has: none, and all beside it is told (DKH2)', () => {
  const row = { amount: 1, createdAt: 0, paidAt: 9_000_000_000_000_000, at: Number.NaN }
  deepEqual(wire([row]), [
    { amount: 1, created_at: '1970-01-01T00:00:00.000Z', paid_at: null, at: null },
  ])
})
