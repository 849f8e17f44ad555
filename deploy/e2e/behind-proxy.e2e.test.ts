/**
 * The whole program behind a reverse proxy of its owner: suppliers are told the address outside,
 * and where a request comes from is what the proxy saw.
 */

import { deepEqual, equal } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Reseller } from './reseller.ts'
import { Stage, until } from './stage.ts'

const told: Record<string, unknown>[] = []
/** A supplier who writes down what it is asked and sells nothing. */
const supplier = createServer(async (request, response) => {
  let text = ''
  for await (const part of request) text += part
  told.push(JSON.parse(text))
  response.end('{}')
})
let stage: Stage
let reseller: Reseller

before(async () => {
  supplier.listen(0, '127.0.0.1')
  await once(supplier, 'listening')
  stage = new Stage()
  await stage.startSandbox()
  const env = { PUBLIC_URL: 'http://127.0.0.1:1/', TRUSTED_PROXIES: '1' }
  reseller = stage.demo(await stage.start({ env }))
})
after(async () => {
  supplier.closeAllConnections()
  supplier.close()
  await stage.close()
})

test('behind a proxy: a purchase: the supplier is told the address outside (ZE3)', async () => {
  const { port } = supplier.address() as AddressInfo
  await stage.sql('update supplier set base_url = $1', [`http://127.0.0.1:${port}`])
  // The change is heard within moments; until then the sandbox sells.
  let tries = 0
  const asked = await until('a purchase', 60_000, async () => {
    const destination = `0878333${String(++tries).padStart(5, '0')}`
    await reseller.order({ ref_id: `P-${tries}`, product_code: 'XLD10', destination })
    return told.find(one => 'buyer_sku_code' in one)
  })
  const url = String(asked['cb_url'])
  const [code] = url.split('/').slice(-1)
  equal(url, `http://127.0.0.1:1/api/v1/callbacks/supplier/${code}`)
  const known = await stage.sql('select code from supplier where code = $1', [code])
  equal(known.length, 1)
})

test('behind a proxy: an allow list: judges what the proxy saw, not what a client says (ZE5)', async () => {
  const read = async (forwarded: string) => {
    const headers = { 'x-forwarded-for': forwarded }
    return (await reseller.send('GET', '/api/v1/balance', '', headers)).status
  }
  equal(await read('192.0.2.7'), 200)
  await stage.sql(`update client_key set ip_allow = '{10.9.0.0/16}'`)
  await until('the allow list', 60_000, async () => (await read('192.0.2.7')) === 403)
  deepEqual([await read('10.9.0.1, 192.0.2.7'), await read('192.0.2.7, 10.9.0.1')], [403, 200])
})
