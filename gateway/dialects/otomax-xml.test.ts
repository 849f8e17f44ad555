import { deepEqual, doesNotMatch, equal, match } from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { XMLParser } from 'fast-xml-parser'
import { memberCard, orderView, plain, Stage, userId } from '../scripted.fixture.ts'
import { escaped, readXml } from './otomax-xml.ts'

const stages: Stage[] = []
const open: typeof Stage.open = async (...args) => {
  const stage = await Stage.open(...args)
  stages.push(stage)
  return stage
}
after(() => Promise.all(stages.map(stage => stage.close())))

const beside = '?memberID=MEMBER1&password=pass'
const post = (stage: Stage, body: string, path = `/h2h/xml${beside}`, type = 'text/xml') =>
  plain(stage, { method: 'POST', path, body, headers: { 'content-type': type } })

const fm = (change: Record<string, string> = {}) => {
  const elements = {
    ...{ command: 'TOPUP', pin: '1234', product: 'S10', msisdn: '081200000001', refTrxid: '7' },
    ...change,
  }
  const inner = Object.entries(elements).map(([name, text]) => `<${name}>${text}</${name}>`)
  return `<?xml version="1.0"?><fm>${inner.join('')}</fm>`
}

const rpc = (change: Record<string, string> = {}) => {
  const members = {
    ...{ MSISDN: 'MEMBER1', REQUESTID: '7', PIN: '1234', NOHP: '081200000001', NOM: 'S10' },
    ...change,
  }
  const inner = Object.entries(members).map(
    ([name, text]) =>
      `<member><name>${name}</name><value><string>${text}</string></value></member>`,
  )
  return (
    '<?xml version="1.0"?><methodCall><methodName>topUpRequest</methodName><params><param><value>' +
    `<struct>${inner.join('')}</struct></value></param></params></methodCall>`
  )
}

const parser = new XMLParser({ parseTagValue: false })
const read = (text: string) => parser.parse(text, true)
const membersOf = (text: string): Record<string, unknown> => {
  const { params, fault } = read(text).methodResponse
  const { struct } = (params?.param ?? fault).value
  return Object.fromEntries(
    struct.member.map((one: { name: string; value: Record<string, unknown> }) => [
      one.name,
      one.value['string'] ?? one.value['int'],
    ]),
  )
}

test('otomax xml: FM TOPUP: bought, and told with its numbers (OTX3)', async () => {
  const stage = await open()
  const { status, headers, text } = await post(stage, fm())
  equal(status, 200)
  match(headers.get('content-type')!, /^text\/xml/)
  const { message, fmTrxid, ...rest } = read(text).fm
  deepEqual(rest, {
    ...{ command: 'TOPUP', status: '1', refTrxid: '7', product: 'S10', msisdn: '081200000001' },
    ...{ price: '10500', balance: '989500' },
  })
  match(message, /S10\.081200000001 .* akan diproses/)
  match(fmTrxid, /^\d+$/)
  equal(stage.askedOf('order.place')[0]?.userId, userId)
})

test('otomax xml: FM status and balance: only looked up (OTX5)', async () => {
  const stage = await open({
    'order.byRef': ({ ref }) =>
      ref === '7'
        ? { ok: orderView({ status: 'SUCCESS', sn: 'A<B&"C"', product: 'S10' }) }
        : { refused: 'NOT_FOUND', moneyEffect: 'none' },
    'wallet.balance': () => ({ ok: { balance: 10_000, held: 0, available: 10_000 } }),
  })
  const found = await post(stage, fm({ command: 'TOPUPSTATUS' }))
  match(found.text, /<sn>A&lt;B&amp;&quot;C&quot;<\/sn>/)
  deepEqual([read(found.text).fm.status, read(found.text).fm.sn], ['0', 'A<B&"C"'])
  const none = read((await post(stage, fm({ command: 'TOPUPSTATUS', refTrxid: '8' }))).text).fm
  deepEqual([none.status, none.message.slice(0, 7)], [undefined, 'DITOLAK'])
  const balance = read((await post(stage, fm({ command: 'BALANCE' }))).text).fm
  deepEqual([balance.status, balance.message], [undefined, 'Saldo Rp.10000'])
  deepEqual(stage.askedOf('order.place'), [])
})

test('otomax xml: XML-RPC topUpRequest: a struct with code and ids (OTX3, OTX5)', async () => {
  const stage = await open()
  const sold = membersOf((await post(stage, rpc())).text)
  deepEqual([sold['RESPONSECODE'], sold['REQUESTID']], ['68', '7'])
  match(String(sold['TRANSACTIONID']), /^\d+$/)
  const wrong = await post(stage, rpc({ PIN: '9' }))
  equal(membersOf(wrong.text)['faultCode'], '403')
  match(String(membersOf(wrong.text)['faultString']), /tidak cocok/)
  const done = await open({
    'order.place': () => ({
      ok: { order: orderView({ status: 'SUCCESS', sn: 'SN1' }), balance: 1, repeated: true },
    }),
  })
  const told = membersOf((await post(done, rpc())).text)
  deepEqual([told['RESPONSECODE'], told['SN']], ['00', 'SN1'])
  const failing = await open({
    'order.place': () => ({ refused: 'PRODUCT_UNKNOWN', moneyEffect: 'none' }),
  })
  equal(membersOf((await post(failing, rpc())).text)['RESPONSECODE'], '07')
  const other = rpc().replace('topUpRequest', 'system.listMethods')
  match(String(membersOf((await post(stage, other)).text)['faultString']), /perintah tidak dikenal/)
})

test('otomax xml: a PIN alone: not without permission (OTX5)', async () => {
  const stage = await open()
  const told = read((await post(stage, fm(), '/h2h/xml?memberID=MEMBER1')).text).fm
  deepEqual([told.status, /tidak cocok/.test(told.message)], [undefined, true])
  const card = () => memberCard({ signForms: ['pin-only'], ipAllow: ['127.0.0.1'] })
  const allowed = await open({ 'identity.member': card })
  equal(read((await post(allowed, fm(), '/h2h/xml?memberID=MEMBER1')).text).fm.status, '1')
})

test('otomax xml: negotiation: XML on the usual address, asked for or posted (OTX3)', async () => {
  const stage = await open()
  equal(read((await post(stage, fm(), `/h2h/trx${beside}`, 'application/xml')).text).fm.status, '1')
  const query = 'memberID=MEMBER1&product=S10&dest=081200000001&refID=7&pin=1234&password=pass'
  const path = `/h2h/trx?${query}`
  const { text } = await plain(stage, { path, headers: { accept: 'application/xml' } })
  equal(read(text).fm.refTrxid, '7')
  match((await plain(stage, { path })).text, /^R#7 TrxID/)
})

test('otomax xml: bombs: refused before they are parsed, the next is served (OTX1, OTX2)', async () => {
  const stage = await open()
  const laughs = `<!DOCTYPE fm [<!ENTITY a "${'ha'.repeat(50)}"><!ENTITY b "&a;&a;&a;&a;">]>`
  const bombs = [
    `${laughs}${fm({ product: '&b;' }).replace('<?xml version="1.0"?>', '')}`,
    '<!DOCTYPE fm SYSTEM "file:///etc/passwd"><fm><command>TOPUP</command></fm>',
    '<fm>'.repeat(1_000) + '</fm>'.repeat(1_000),
    `<fm>${'<a>1</a>'.repeat(500)}</fm>`,
    fm({ msisdn: '1'.repeat(9_000) }),
    '<fm><command>TOPUP</command>',
    ...['', 'x', '<a/>', '{}', '<fm></fm>', '<methodCall/>', '\ufffd\u0000<fm/>'],
  ]
  for (const bomb of bombs) {
    const { status, text } = await post(stage, bomb)
    equal(status, 200)
    match(read(text).fm?.message ?? membersOf(text)['faultString'], /DITOLAK/, bomb.slice(0, 60))
    doesNotMatch(text, /passwd|haha/)
  }
  deepEqual(stage.askedOf('order.place'), [])
  equal(read((await post(stage, fm())).text).fm.status, '1')
})

test('otomax xml: entities and doubles: text is text, twice is refused (OTX1, OTX4)', () => {
  const fieldsOf = (text: string) => {
    const asked = readXml(Buffer.from(text), {})
    return asked !== null && 'fields' in asked ? asked.fields : null
  }
  equal(fieldsOf(fm({ refTrxid: 'A&amp;B&#66;&#x43;' }))?.['ref'], 'A&BBC')
  equal(fieldsOf(fm({ refTrxid: 'A&other;' }))?.['ref'], 'A&other;')
  equal(fieldsOf(fm({ refTrxid: 'A&#0;' })), null)
  equal(fieldsOf(fm({ refTrxid: 'A&#xD800;' })), null)
  equal(fieldsOf(fm({ refTrxid: '007' }))?.['ref'], '007')
  equal(fieldsOf(fm().replace('</fm>', '<pin>1234</pin></fm>')), null)
  equal(fieldsOf(fm().replace('</fm>', '<PIN>9</PIN></fm>')), null)
  const twice = '<member><name>PIN</name><value><string>1</string></value></member></struct>'
  equal(fieldsOf(rpc().replace('</struct>', twice)), null)
  equal(escaped('<a & "b">\u0000\u0008\ud800'), '&lt;a &amp; &quot;b&quot;&gt;')
})

test('otomax xml: any bytes: read or refused, never thrown, printed as XML (OTX2, OTX3)', () => {
  const piece = fc.constantFrom(
    ...['<fm>', '</fm>', '<command>', 'TOPUP', '</command>', '<', '>', '&', '&#1;', '<!--', '-->'],
    ...['<methodCall>', '<value>', '<struct>', '<member>', '<name>', '<?xml?>', '<a b="c">', '/>'],
  )
  const text = fc.array(fc.oneof(piece, fc.string()), { maxLength: 30 }).map(all => all.join(''))
  fc.assert(
    fc.property(text, body => {
      const asked = readXml(Buffer.from(body), {})
      equal(asked === null || 'command' in asked, true)
      equal(parser.parse(`<a>x${escaped(body)}</a>`, true)['a'] !== undefined, true)
    }),
    { numRuns: 500 },
  )
})
