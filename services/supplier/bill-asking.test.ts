import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { SupplierRequest } from './adapter.ts'
import { askForBill } from './bill-asking.ts'
import type { Outcome } from './http-client.ts'
import { otomax } from './otomax.ts'

const credentials = { memberId: 'M1', pin: '1234', password: 'sandi', callbackToken: 'jalan' }
const asked = {
  ...{ ref: 'A1', sku: 'BAYARPLN', dest: '530000000001', maxPrice: 0, testing: false },
}
const head = 'R#A1Q PLN CEKPLN.530000000001'
const looking = `${head} akan diproses. Saldo 1`
const bill = `${head} SUKSES. SN/Ref: BUDI/TAG:37.500/ADM:2.500/TOTAL:40.000/PERIODE:JUN. Saldo 1`

/** Answers in their order; the last one again and again, null is silence. */
async function ask(answers: readonly (string | null)[], lookingMs: readonly number[]) {
  const sent: SupplierRequest[] = []
  const send = async (request: SupplierRequest): Promise<Outcome> => {
    const body = answers[Math.min(sent.length, answers.length - 1)]!
    sent.push(request)
    return body === null
      ? { kind: 'unknown', why: 'answer_timeout', ms: 1 }
      : { kind: 'answer', status: 200, body, ms: 1 }
  }
  const postpaid = { ...otomax.postpaid!, lookingMs }
  const told = await askForBill({ postpaid, asked, credentials, send })
  return { sent, told, outcome: told.inquiry?.outcome ?? null }
}

test('bill asking: who is looking: asked again, word for word, until it is told (PLD1)', async () => {
  const { sent, outcome, told } = await ask([looking, looking, bill], [0, 0, 0])
  deepEqual([outcome, sent.length, told.ms], ['bill', 3, 3])
  deepEqual(sent[2], sent[0])
  const never = await ask([looking], [0, 0])
  deepEqual([never.outcome, never.sent.length], ['unknown', 3])
  equal((await ask([looking, bill], [])).outcome, 'unknown')
})

test('bill asking: anything else: not asked again (PLD1, PLD2)', async () => {
  for (const answer of [bill, `${head} GAGAL. Belum ada. Saldo 1`, '<html>', '']) {
    equal((await ask([answer], [0, 0])).sent.length, 1, answer)
  }
  const silent = await ask([looking, null, bill], [0, 0, 0])
  deepEqual([silent.outcome, silent.sent.length, silent.told.outcome.kind], [null, 2, 'unknown'])
})
