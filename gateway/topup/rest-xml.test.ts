import { deepEqual, equal, match } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { XMLParser } from 'fast-xml-parser'
import {
  type Ask,
  buy,
  order,
  orderView,
  plain,
  Stage,
  send,
  trxId,
  userId,
} from '../scripted.fixture.ts'
import { printXml, wantsXml } from './rest-xml.ts'

let stage: Stage
before(async () => {
  stage = await Stage.open({
    'order.get': ({ ref = 'ref-1' }) =>
      ref === 'ref-1' ? { ok: orderView() } : { refused: 'NOT_FOUND', moneyEffect: 'none' },
    'wallet.balance': () => ({ ok: { balance: 1_000_000, held: 10_500, available: 989_500 } }),
  })
})
after(() => stage.close())

const parser = new XMLParser({ parseTagValue: false, isArray: name => name === 'item' })
const read = (text: string) => parser.parse(text, true).response
const inXml = { headers: { accept: 'application/xml' } }
const sendXml = (body: string, headers: Record<string, string> = {}) =>
  buy(stage, body, { headers: { 'content-type': 'application/xml', ...headers } })

/** As the XML prints it: numbers and words are text, null and nothing are empty. */
const asText = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.length === 0 ? '' : { item: value.map(asText) }
  if (typeof value !== 'object' || value === null) return value === null ? '' : String(value)
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, asText(one)]))
}
const without = (answer: Record<string, unknown>) => {
  const { request_id: _, timestamp: __, ...rest } = answer
  return rest
}

test('rest xml: reading: the same as the JSON says, field by field (XMA1) (XMA2)', async () => {
  for (const path of [
    '/api/v1/balance',
    `/api/v1/transactions/${trxId}`,
    '/api/v1/transactions?ref_id=ref-1',
    '/api/v1/transactions?ref_id=ref-2',
    '/api/v1/transactions/nobody',
  ]) {
    const [json, xml] = [await send(stage, { path }), await send(stage, { path, ...inXml })]
    equal(xml.status, json.status, path)
    equal(xml.headers.get('content-type'), 'application/xml; charset=utf-8')
    equal(json.headers.get('content-type'), 'application/json; charset=utf-8')
    deepEqual(without(read(xml.text)), without(asText(json.body) as never), path)
  }
})

test('rest xml: an order: as in JSON, answered in XML (XMA1)', async () => {
  const document =
    '<?xml version="1.0"?>\n<transaction>\n  <ref_id>A &amp; 1</ref_id>\n' +
    '  <product_code>TSEL10</product_code><destination> 081200000001 </destination>\n' +
    '  <max_price>11000</max_price><later>1</later>\n</transaction>'
  const xml = await sendXml(document)
  equal(xml.status, 200)
  const { data } = read(xml.text)
  deepEqual([data.ref_id, data.balance_remaining], ['A & 1', '989500'])
  const json = order({ ref_id: 'A & 1', max_price: 11_000 })
  equal((await buy(stage, json)).headers.get('content-type'), 'application/json; charset=utf-8')
  const [first, second] = stage.askedOf('order.place')
  deepEqual(first, second)
  deepEqual([first!.userId, first!.maxPrice], [userId, 11_000])
})

test('rest xml: a bad document: told in XML, nothing is bought (XMA2) (XMA3) (XMA4)', async () => {
  const count = stage.askedOf('order.place').length
  const good = '<ref_id>R</ref_id><product_code>S10</product_code>'
  const whole = `${good}<destination>081200000001</destination>`
  for (const [body, told] of [
    ['', 'not_xml'],
    [order(), 'not_xml'],
    [`<transaction>${whole}`, 'not_xml'],
    [`<fm>${whole}</fm>`, 'not_xml'],
    [`<!DOCTYPE a [<!ENTITY b "c">]><transaction>${whole}</transaction>`, 'not_xml'],
    [`<transaction>${'<a>'.repeat(20)}${'</a>'.repeat(20)}${whole}</transaction>`, 'not_xml'],
    [`<transaction>${whole}<a>${'x'.repeat(40_000)}</a></transaction>`, 'not_xml'],
    [`<transaction>${good}</transaction>`, 'destination'],
    [`<transaction>${whole}<ref_id>S</ref_id></transaction>`, 'ref_id'],
    [`<transaction>${whole}<max_price>1.5</max_price></transaction>`, 'max_price'],
  ] as const) {
    const { status, text } = await sendXml(body)
    equal(status, 400, body.slice(0, 80))
    const { error_code: code, details, money_effect: effect } = read(text)
    deepEqual([code, effect], ['VALIDATION_FAILED', 'none'])
    equal(details.problem ?? details.fields.item[0].field, told, body.slice(0, 80))
  }
  equal(stage.askedOf('order.place').length, count)
})

test('rest xml: who may not come: told in XML as well (XMA2)', async () => {
  const ask: Ask = { path: '/api/v1/balance', ...inXml }
  const { status, text } = await plain(stage, ask)
  deepEqual([status, read(text).status], [401, 'error'])
  const forged = await sendXml('<transaction/>', { 'x-signature': '0'.repeat(64) })
  deepEqual([forged.status, read(forged.text).error_code], [401, 'SIGNATURE_INVALID'])
  const unknown = await buy(stage, 'a=1', { headers: { 'content-type': 'text/plain' } })
  equal(unknown.status, 415)
})

test('rest xml: Accept: what is wanted most, and the first of those alike (XMA1)', () => {
  for (const [accept, xml] of [
    ['application/xml', true],
    ['text/xml; charset=utf-8', true],
    ['application/json, application/xml', false],
    ['application/xml, application/json', true],
    ['application/json;q=0.5, application/xml;q=0.9', true],
    ['*/*, application/xml', false],
    ['application/xml;q=0', false],
    ['application/xml;q=x', false],
    ['image/svg+xml', false],
    ['', false],
  ] as const) {
    equal(wantsXml(accept), xml, accept)
  }
})

test('rest xml: names that are none in XML: kept as text (XMA2)', () => {
  const text = printXml('{"detail":{"a b<":1,"lembar":[],"n":"\\u0000<&"}}')
  match(text, /<detail><field name="a b&lt;">1<\/field><lembar><\/lembar><n>&lt;&amp;<\/n>/)
  equal(parser.parse(text, true).response.detail.lembar, '')
})
