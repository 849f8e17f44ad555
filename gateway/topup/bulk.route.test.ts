import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import { keyCard, plain, Stage, send, trxId } from '../scripted.fixture.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

const path = '/api/v1/transactions/bulk'
const row = (n: number, more: object = {}) => ({
  ...{ ref_id: `r-${n}`, product_code: 'XLD10', destination: '087800001230' },
  ...more,
})

async function stageOf(): Promise<Stage> {
  const stage = await Stage.open({
    'bulk.start': () => ({ ok: { jobId: trxId } }),
    'bulk.read': ({ after: from }) => ({
      ok: {
        tally: { ref: 'A', total: 2, waiting: 0, placed: 1, refused: 1, success: 1, failed: 0 },
        rows: [
          {
            ...{ n: from + 1, ref: 'r-1', product: 'XLD10', destination: '1', result: 'placed' },
            ...{ code: null, trxId, status: 'SUCCESS', sn: 'SN' },
          },
          {
            ...{ n: from + 2, ref: 'r-2', product: 'ZZ', destination: '1', result: 'refused' },
            ...{ code: 'PRODUCT_UNKNOWN', trxId: null, status: null, sn: null },
          },
        ],
        next: null,
      },
    }),
  })
  stages.push(stage)
  return stage
}

const give = (stage: Stage, list: unknown) =>
  send(stage, { method: 'POST', path, body: JSON.stringify(list) })

test('bulk: a list as JSON: handed on whole, in its order (GFA1)', async () => {
  const stage = await stageOf()
  const rows = [row(1), row(2, { max_price: 11_000 })]
  const { status, body } = await give(stage, { ref_id: 'A', rows })
  deepEqual([status, body['data']!['total']], [200, 2])
  deepEqual(
    stage.askedOf('bulk.start')[0]!.rows.map(one => [one.ref, one.maxPrice]),
    [
      ['r-1', undefined],
      ['r-2', 11_000],
    ],
  )
})

test('bulk: a list as CSV: quotes, a mark at the front, any order of columns (GFA1)', async () => {
  const stage = await stageOf()
  const text =
    '\ufeffDestination,ref_id,product_code,max_price\r\n"0878,1",r-1,XLD10,\r\n1,r-2,P,5\n'
  const asked = `${path}?ref_id=A`
  const headers = { 'content-type': 'text/csv; charset=utf-8' }
  const signed = { method: 'POST', path: asked, body: text, headers }
  const told = await send(stage, signed)
  equal(told.status, 200, told.text)
  deepEqual(
    stage.askedOf('bulk.start')[0]!.rows.map(one => [one.ref, one.destination, one.maxPrice]),
    [
      ['r-1', '0878,1', undefined],
      ['r-2', '1', 5],
    ],
  )
})

test('bulk: a wrong row: the list is refused and says which (GFA1)', async () => {
  const stage = await stageOf()
  const { status, body } = await give(stage, {
    ref_id: 'A',
    rows: [row(1), row(2, { product_code: 'a b' })],
  })
  equal(status, 400)
  equal(body['details']!['fields']![0]!['field'], 'rows.1.product_code')
  for (const rows of [[], Array.from({ length: 501 }, (_, n) => row(n))]) {
    equal((await give(stage, { ref_id: 'A', rows })).status, 400)
  }
  const headers = { 'content-type': 'text/csv' }
  const broken = { method: 'POST', path: `${path}?ref_id=A`, body: 'ref_id\n"x', headers }
  equal((await send(stage, broken)).body['error_code'], 'VALIDATION_FAILED')
  equal(stage.askedOf('bulk.start').length, 0)
})

test('bulk: one reference twice in a list: refused (GFA2)', async () => {
  const stage = await stageOf()
  equal((await give(stage, { ref_id: 'A', rows: [row(1), row(1)] })).status, 400)
})

test('bulk: progress: counts, and each row with its sentence (GFA1)', async () => {
  const stage = await stageOf()
  const { body } = await send(stage, { path: `${path}/${trxId}` })
  deepEqual([body['data']!['placed'], body['data']!['refused']], [1, 1])
  equal(body['data']!['rows']![1]!['message'], 'Kode produk tidak ditemukan.')
  equal((await send(stage, { path: `${path}/nonsense` })).status, 404)
  equal((await plain(stage, { path: `${path}/${trxId}` })).status, 401)
})

test('bulk: a list spends from the allowance of orders (GFA3)', async () => {
  const stage = await Stage.open(
    {
      'identity.key': () => keyCard({ ratePerMin: 1, readPerMin: 100 }),
      'bulk.start': () => ({ ok: { jobId: trxId } }),
    },
    { now: () => 1_767_323_045_000 },
  )
  stages.push(stage)
  const at = (ref_id: string) => {
    const body = JSON.stringify({ ref_id, rows: [row(1)] })
    return send(stage, { method: 'POST', path, body, timestamp: '1767323045' })
  }
  equal((await at('A')).status, 200)
  const { status, body } = await at('B')
  // The list may have been taken before: nothing is claimed about its money.
  deepEqual([status, body['error_code'], body['money_effect']], [429, 'RATE_LIMITED', undefined])
  equal(stage.askedOf('bulk.start').length, 1)
})
