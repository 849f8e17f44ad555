import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { JournalRecord } from '../../engine/record.ts'
import { merchantEvent } from './live-event.ts'

const line = (kind: string, ...events: readonly { readonly type: string }[]): JournalRecord => ({
  ...{ kind, version: 1, id: 'x', born: false, at: 0, command: 'x' },
  ...{ events, entries: [], claims: [], releases: [] },
})
const notice = { messageId: 'm', device: null, text: '', lang: 'id' }
const paid = { type: 'paid', amount: 1_000, fee: 7, notice }
const silent = { type: 'proved', messageId: 'm', outcome: 'silent', why: 'no_device' }

test('live event: paid and silent in one line: the money names it, both are told (SAO1)', () => {
  deepEqual(merchantEvent(line('payment', paid, silent), 9), {
    id: '9',
    name: 'payment:paid',
    data: {
      transaction_id: 'x',
      at: '1970-01-01T00:00:00.000Z',
      ...{ amount: 1_000, fee: 7, net: 993, status: 'paid' },
      ...{ sound: 'silent', sound_reason: 'no_device' },
    },
  })
})

test('live event: every fact has a name; a line without facts is no event (SAO1)', () => {
  const nameOf = (kind: string, event: object) =>
    merchantEvent(line(kind, event as { type: string }), 1)?.name
  const created = { type: 'created', days: [] }
  deepEqual(
    [{ type: 'created' }, { type: 'expired' }, { type: 'failed' }, { type: 'refunded' }].map(one =>
      nameOf('payment', one),
    ),
    ['payment:created', 'payment:expired', 'payment:failed', 'payment:refunded'],
  )
  equal(nameOf('payment', { ...paid, late: 'expired' }), 'payment:paid')
  equal(nameOf('payment', { type: 'renotified' }), 'payment:sound')
  equal(nameOf('payment', { type: 'refund_confirmed' }), 'payment:refund-confirmed')
  deepEqual(
    [created, { type: 'paid' }, { type: 'failed' }, { type: 'cancelled' }].map(one =>
      nameOf('settlement', one),
    ),
    ['settlement:created', 'settlement:paid', 'settlement:failed', 'settlement:cancelled'],
  )
  equal(nameOf('settlement', { type: 'adjusted' }), 'settlement:adjusted')
  equal(nameOf('settlement', { type: 'reference_set' }), 'settlement:named')
  equal(nameOf('settlement', { type: 'given' }), 'settlement:given')
  equal(nameOf('settlement', { type: 'reprocessed' }), 'settlement:reprocessed')
  equal(merchantEvent(line('payment'), 1), null)
})
