import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Proofs } from './proofs.ts'

const told = { messageId: 'm1', payment: 'p1' }
const notice = { ...told, amount: 5_000, text: 't', lang: 'id', at: 1 }

test('proofs: the first word stands, and publishing adds up (DVF1)', () => {
  const proofs = new Proofs()
  proofs.take('box', { type: 'queued', ...notice }, 10)
  proofs.published({ ...notice, device: 'box' }, 11)
  proofs.published({ ...notice, device: 'box' }, 12)
  proofs.received({ ...notice, device: 'box' }, 13)
  proofs.take('box', { type: 'acked', ...told, status: 'played' }, 14)
  proofs.take('box', { type: 'dropped', why: 'unbound', notices: [told] }, 15)
  deepEqual(proofs.drain(), [
    {
      ...{ messageId: 'm1', transactionId: 'p1', deviceId: 'box', amount: 5_000 },
      ...{ queuedAt: 10, publishedAt: 11, publishedTimes: 2, receivedAt: 13 },
      ...{ outcome: 'played', why: 'played', endedAt: 14 },
    },
  ])
  deepEqual(proofs.drain(), [])
})

test('proofs: aged and dropped: digest, and silent with the reason (DVF1)', () => {
  const proofs = new Proofs()
  proofs.take('box', { type: 'aged', why: 'age', notices: [told] }, 1)
  proofs.take(
    'box',
    { type: 'dropped', why: 'blocked', notices: [{ ...told, messageId: 'm2' }] },
    2,
  )
  deepEqual(
    proofs.drain().map(one => [one.messageId, one.outcome, one.why]),
    [
      ['m1', 'digest', 'age'],
      ['m2', 'silent', 'blocked'],
    ],
  )
})

test('proofs: a digest that nobody will tell: silent, whether it was written since or not (DVF1)', () => {
  const proofs = new Proofs()
  const aged = { type: 'aged', why: 'age', notices: [told], kept: true } as const
  const dropped = { type: 'dropped', why: 'unbound', notices: [], missed: [told] } as const
  const ends = () => proofs.drain().map(one => [one.outcome, one.why, one.endedAt])
  proofs.take('box', aged, 1)
  proofs.take('box', dropped, 2)
  proofs.take('box', aged, 3)
  deepEqual(ends(), [['silent', 'unbound', 2]])
  proofs.take('box', dropped, 4)
  deepEqual(ends(), [['silent', 'unbound', 4]])
  proofs.take('box', { type: 'summary_acked', messageId: 's', unsaid: [told] }, 5)
  deepEqual(ends(), [['silent', 'no_word', 5]])
})

test('proofs: words of the wire are let go when too much gathers (DVF2)', () => {
  const proofs = new Proofs()
  for (let n = 0; n < 100_001; n++) {
    proofs.published({ messageId: `m${n}`, payment: 'p', device: 'box' }, n)
  }
  equal(proofs.drain().length, 100_000)
})
