import { deepEqual, equal } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Actions } from '../../services/contract.ts'
import { plain, Stage } from '../scripted.fixture.ts'

type Answered = Actions['payment.callback']['result']

async function stageAt(t: TestContext, answer: Answered | Error, limits = {}) {
  const asked: Actions['payment.callback']['params'][] = []
  const stage = await Stage.open(
    {
      'payment.callback': params => {
        asked.push(params)
        if (answer instanceof Error) throw answer
        return answer
      },
    },
    { limits },
  )
  t.after(() => stage.close())
  const call = (body: string) =>
    plain(stage, {
      ...{ method: 'POST', path: '/integrations/qris/callback', body },
      headers: { 'x-timestamp': '1760000000', 'x-signature': 'sha256=00' },
    })
  return { asked, call }
}

const taken = { verdict: 'taken', result: 'applied', transactionId: 't-1', reason: '' } as const

test('qris callback: kept: 200 with what became of it, the body byte for byte (SAL1, SAL2)', async t => {
  const { asked, call } = await stageAt(t, taken)
  const body = '{ "reference":"A" }\n'
  const answer = await call(body)
  equal(answer.status, 200)
  deepEqual(answer.body, { result: 'applied', transaction_id: 't-1' })
  deepEqual(asked, [
    {
      raw: Buffer.from(body).toString('base64'),
      timestamp: '1760000000',
      signature: 'sha256=00',
    },
  ])
})

test('qris callback: parked: 200 as well, with the reason (SAL1)', async t => {
  const parked = { ...taken, result: 'parked', transactionId: null, reason: 'amount_mismatch' }
  const { call } = await stageAt(t, parked as Answered)
  const { status, body } = await call('{}')
  const told = { result: 'parked', transaction_id: null, reason: 'amount_mismatch' }
  deepEqual([status, body], [200, told])
})

test('qris callback: forged, untimely, not kept: refused in the envelope of the line (SAL1)', async t => {
  for (const [answer, status, code] of [
    [{ verdict: 'forged' }, 401, 'SIGNATURE_INVALID'],
    [{ verdict: 'skewed' }, 401, 'TIMESTAMP_SKEWED'],
    [{ verdict: 'unavailable' }, 503, 'JOURNAL_UNAVAILABLE'],
    [new Error('gone'), 503, 'JOURNAL_UNAVAILABLE'],
  ] as const) {
    const { call } = await stageAt(t, answer)
    const told = await call('{}')
    const {
      code: said,
      message,
      details,
      request_id,
      timestamp,
    } = told.body as Record<string, unknown>
    deepEqual([told.status, said, details], [status, code, {}])
    deepEqual(
      [message, request_id, timestamp].map(text => typeof text),
      ['string', 'string', 'string'],
    )
  }
})

test('qris callback: one address too often: 429, and it is not passed on (SAL2)', async t => {
  const { asked, call } = await stageAt(t, taken, { callbacksPerMin: 1 })
  const statuses = []
  for (let n = 0; n < 3; n++) statuses.push((await call('{}')).status)
  equal(statuses[0], 200)
  equal(statuses.at(-1), 429)
  equal(asked.length, statuses.filter(status => status === 200).length)
})
