import { deepEqual, equal } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { isGenuine, listMutations, storableBody } from './moota.ts'

test('moota: a signature is over the raw bytes, in hex (MND1)', () => {
  const body = Buffer.from('[{"mutation_id":"abc","amount":50123,"type":"CR"}]')
  const right = 'e58aa3fc8a792502a64eb8b99d303636dd3efd3756d053f54287e2813df83d8e'
  equal(isGenuine(body, right, 'secret'), true)
  equal(isGenuine(body, right.toUpperCase(), 'secret'), true)
  equal(isGenuine(Buffer.from(`${body} `), right, 'secret'), false)
  equal(isGenuine(body, right, 'other'), false)
  equal(isGenuine(body, '', 'secret'), false)
})

test('moota: the login at the bank is not stored (MND2)', () => {
  const row = { amount: 5_000, type: 'CR' }
  const body = JSON.stringify([{ ...row, bank: { meta: 'session' } }])
  deepEqual(JSON.parse(storableBody(Buffer.from(body))), [row])
  equal(storableBody(Buffer.from('not json\0')), 'not json ')
})

/** A list of so many pages; `broken` answers with something else. */
async function listAt(t: TestContext, pages: number, broken = -1, beside = {}) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.headers.authorization} ${request.url}`)
    const page = asked.length
    if (page === broken) return void response.end('<html>')
    response.end(JSON.stringify({ data: [{ page }], last_page: pages, ...beside }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const rows = await listMutations({ baseUrl, token: 'tok', from: '2026-10-11', to: '2026-10-15' })
  return { asked, rows }
}

test('moota: the list: read to its end, with token and days (MND3)', async t => {
  const { asked, rows } = await listAt(t, 3)
  deepEqual(rows, [{ page: 1 }, { page: 2 }, { page: 3 }])
  const query = 'type=CR&start_date=2026-10-11&end_date=2026-10-15&page=1&per_page=100'
  equal(asked[0], `Bearer tok /mutation?${query}`)
})

test('moota: the list: a broken page leaves the rest for next time; it has an end (MND3)', async t => {
  deepEqual((await listAt(t, 3, 2)).rows, [{ page: 1 }])
  equal((await listAt(t, 1_000)).rows.length, 50)
  deepEqual((await listAt(t, 1, -1, { beside: 'x'.repeat(5 * 1024 * 1024) })).rows, [])
  deepEqual(
    await listMutations({ baseUrl: 'http://127.0.0.1:1', token: 't', from: '', to: '' }),
    [],
  )
})
