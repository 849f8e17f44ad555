import { deepStrictEqual, notDeepStrictEqual, strictEqual } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { type Batch, type Plan, prepare, repeat } from './requests.ts'

const signers = [
  { key: 'k1', secret: 's1' },
  { key: 'k2', secret: 's2' },
]
const plan: Plan = { seed: 7, tag: 'a', count: 50, first: 10, product: 'BENCH10' }

const textOf = ({ bytes, ends }: Batch, index: number) =>
  bytes.toString('latin1', index === 0 ? 0 : ends[index - 1], ends[index])

test('requests: same plan: same bytes; another seed: other wallets', () => {
  const bytesOf = ({ bytes, ends }: Batch) => bytes.subarray(0, ends.at(-1))
  const first = bytesOf(prepare(plan, signers, 1000))
  deepStrictEqual(bytesOf(prepare(plan, signers, 1000)), first)
  notDeepStrictEqual(bytesOf(prepare({ ...plan, seed: 8 }, signers, 1000)), first)
})

test('requests: many products: in turn; one question: the same bytes each time', () => {
  const many = prepare({ ...plan, products: ['A', 'B', 'C'] }, signers, 1000)
  const codes = Array.from({ length: 4 }, (_, n) => textOf(many, n).match(/_code":"(\w+)"/)![1])
  deepStrictEqual(codes, ['A', 'B', 'C', 'A'])
  const headers = { 'Accept-Encoding': 'gzip' }
  const asked = { method: 'GET', path: '/x', headers, body: '', signed: true, count: 3 } as const
  const same = repeat(asked, signers[0]!, 1000)
  strictEqual(textOf(same, 2), textOf(same, 0))
  strictEqual(textOf(same, 0).includes('X-Signature: '), true)
})

test('requests: signature: hex HMAC over timestamp, method, path and raw body', () => {
  const batch = prepare(plan, signers, 1000)
  for (let index = 0; index < batch.count; index++) {
    const [head = '', body = ''] = textOf(batch, index).split('\r\n\r\n')
    const headers = Object.fromEntries(
      head
        .split('\r\n')
        .slice(1)
        .map(line => line.split(': ')),
    )
    const { secret } = signers.find(({ key }) => key === headers['X-Api-Key'])!
    const right = createHmac('sha256', secret)
      .update(`1000.POST./api/v1/transactions.${body}`)
      .digest('hex')
    strictEqual(headers['X-Signature'], right)
    strictEqual(headers['Content-Length'], String(body.length))
    deepStrictEqual(JSON.parse(body), {
      ref_id: `a-${index}`,
      product_code: 'BENCH10',
      destination: `0812${String(10 + index).padStart(8, '0')}`,
    })
  }
})
