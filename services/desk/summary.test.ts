import { deepEqual, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { ServiceBroker } from 'moleculer'
import type { Actions, Call } from '../contract.ts'
import { summaryService } from './summary.service.ts'

const broker = new ServiceBroker({ logger: false })
after(() => broker.stop())

test('summary: after midnight in Jakarta: a new day, whatever the day is in UTC (DKJ1)', async () => {
  const now = Date.parse('2026-11-22T01:30:00+07:00')
  const asked: unknown[] = []
  const call = (async (_: string, params: unknown) => {
    asked.push(params)
    return { ok: { rows: [{ status: 'PAID', count: 1, amount: 5, fee: 1, silent: 0 }] } }
  }) as unknown as Call
  const db = {} as Parameters<typeof summaryService>[0]['db']
  broker.createService(summaryService({ db, call, now: () => now }))
  await broker.start()
  const answer: Actions['summary.read']['result'] = await broker.call('summary.read', {
    merchantId: 'm1',
  })
  ok('ok' in answer)
  const from = Date.parse('2026-11-22T00:00:00+07:00')
  deepEqual(asked, [{ merchantId: 'm1', from, to: now + 1 }])
  deepEqual([answer.ok.today.from, answer.ok.house], [from, null])
})
