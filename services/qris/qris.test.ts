import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { crc16, crcOf } from './crc.ts'
import {
  build,
  type Charge,
  chargesOf,
  type Merchant,
  parse,
  type Qris,
  toDynamic,
} from './qris.ts'
import { type Field, type Problem, type Read, readFields, writeFields } from './tlv.ts'

const account = '26690017ID.CO.EXAMPLE.WWW011893600999000000001702150000000000000010303UMI'
const national = '51440014ID.CO.QRIS.WWW0215ID10200000000010303UMI'
const shop = '5802ID5911TOKO CONTOH6007JAKARTA610510110'
const staticText = `000201010211${account}${national}520458125303360${shop}62070703A016304D274`
const dynamicText =
  `000201010212${account}${national}52045812530336054052512` + `3${shop}62070703A016304A70B`
const tippedText =
  `000201010212${account}${national}5204581253033605405100005502025603500` +
  `${shop}62180107INV00010703A0163049F1A`

const merchant: Merchant = {
  accounts: [
    {
      scheme: 'ID.CO.EXAMPLE.WWW',
      pan: '936009990000000017',
      merchantId: '000000000000001',
      criteria: 'UMI',
    },
  ],
  national: { nmid: 'ID1020000000001', criteria: 'UMI' },
  mcc: '5812',
  name: 'TOKO CONTOH',
  city: 'JAKARTA',
  postalCode: '10110',
  labels: { terminalLabel: 'A01' },
}

/** Fields of the static vector, one of them changed, with a check sum that fits. */
function changed(tag: string, value: string | null, from = staticText): string {
  const fields = okOf(readFields(from)).filter(field => field.tag !== '63')
  const isThere = fields.some(field => field.tag === tag)
  const others = fields.flatMap(field =>
    field.tag !== tag ? [field] : value === null ? [] : [{ tag, value }],
  )
  return summed(isThere || value === null ? others : [...others, { tag, value }])
}

function summed(fields: readonly Field[]): string {
  const text = `${writeFields(fields)}6304`
  return text + crcOf(text)
}

function okOf<T>(read: Read<T>): T {
  ok('ok' in read, JSON.stringify(read))
  return read.ok
}

function problemsIn<T>(read: Read<T>): readonly string[] {
  ok('problems' in read, 'it should have had problems')
  return read.problems.map(({ path, code }: Problem) => `${path} ${code}`)
}

const wrong = (text: string): readonly string[] => problemsIn(parse(text))
const without = (qris: Qris, ...tags: readonly string[]): readonly Field[] =>
  qris.fields.filter(({ tag }) => !tags.includes(tag))

test('qris: check sum: the common test value, and bytes of UTF-8 (QRA1)', () => {
  equal(crc16(Buffer.from('123456789')), 0x29b1)
  equal(crcOf('123456789'), '29B1')
  equal(crcOf(''), 'FFFF')
  equal(crcOf('é'), crc16(Buffer.from('é', 'utf8')).toString(16).toUpperCase().padStart(4, '0'))
})

test('qris: vectors: the static one is read, and built of its parts byte for byte (QRC4)', () => {
  const qris = okOf(parse(staticText))
  deepEqual(
    { ...qris, fields: qris.fields.length },
    {
      text: staticText,
      fields: 12,
      kind: 'static',
      accounts: [
        {
          tag: '26',
          scheme: 'ID.CO.EXAMPLE.WWW',
          pan: '936009990000000017',
          merchantId: '000000000000001',
          criteria: 'UMI',
        },
      ],
      nmid: 'ID1020000000001',
      mcc: '5812',
      merchantName: 'TOKO CONTOH',
      city: 'JAKARTA',
      postalCode: '10110',
      labels: { terminalLabel: 'A01' },
    },
  )
  equal(okOf(build(merchant)).text, staticText)
})

test('qris: vectors: 25,123 dynamic, and 10,000 with a fixed tip and a bill (QRC2, QRC3)', () => {
  const qris = okOf(parse(staticText))
  equal(okOf(toDynamic(qris, { amount: 25_123 })).text, dynamicText)
  const tipped: Charge = {
    amount: 10_000,
    tip: { by: 'fixed', amount: 500 },
    labels: { billNumber: 'INV0001' },
  }
  equal(okOf(toDynamic(qris, tipped)).text, tippedText)
  equal(okOf(build(merchant, tipped)).text, tippedText)
  const read = okOf(parse(tippedText))
  deepEqual(read.amount, { rupiah: 10_000, cents: 0 })
  deepEqual(read.tip, { by: 'fixed', amount: 500 })
  deepEqual(read.labels, { billNumber: 'INV0001', terminalLabel: 'A01' })
})

test('qris: characters: a length counts code points, the check sum bytes (QRA1)', () => {
  for (const name of ['KAFÉ ÉLYSÉE', 'TOKO 😀']) {
    const qris = okOf(build({ ...merchant, name }))
    match(qris.text, new RegExp(`59${String([...name].length).padStart(2, '0')}${name}60`))
    equal(okOf(parse(qris.text)).merchantName, name)
    equal(okOf(toDynamic(qris, { amount: 7 })).merchantName, name)
  }
  // As a generator writes it that counts bytes: the name swallows what comes behind it.
  const counted = `${staticText.slice(0, -8).replace('5911TOKO CONTOH', '5912KAFÉ ÉLYSÉ')}6304`
  ok('problems' in parse(counted + crcOf(counted)))
})

test('qris: reading: what can not be read on names the place (QRA3)', () => {
  for (const [text, problem] of [
    ['A00201', ' tag_unreadable'],
    ['0', ' tag_unreadable'],
    ['00', '00 length_unreadable'],
    ['00x201', '00 length_unreadable'],
    ['0000', '00 empty'],
    ['000301', '00 cut_off'],
    ['00020101', '01 length_unreadable'],
    ['0002\ud80001', ' not_unicode'],
    ['x'.repeat(513), ' too_long'],
    ['é'.repeat(513), ' too_long'],
    ['x'.repeat(1_000_000), ' too_long'],
  ] as const) {
    deepEqual(wrong(text), [problem])
  }
  deepEqual(wrong(''), [
    '00 missing',
    '51 missing',
    '52 missing',
    '53 missing',
    '58 missing',
    '59 missing',
    '60 missing',
    '61 missing',
    '63 missing',
  ])
})

test('qris: size: up to 512 characters, however many bytes (QRA1)', () => {
  const filled = (chars: number) => {
    const fields = okOf(readFields(changed('80', 'é'.repeat(99)))).filter(f => f.tag !== '63')
    const left = chars - [...summed(fields)].length
    const first = Math.min(99, left - 8)
    const rest = left - 8 - first
    return summed([
      ...fields,
      { tag: '81', value: 'y'.repeat(first) },
      { tag: '82', value: 'z'.repeat(rest) },
    ])
  }
  equal([...filled(512)].length, 512)
  equal(okOf(parse(filled(512))).kind, 'static')
  deepEqual(wrong(filled(513)), [' too_long'])
})

test('qris: frame: 00 first, 63 last, nothing behind, each tag once (QRB1)', () => {
  const [first, ...others] = okOf(readFields(staticText)).filter(({ tag }) => tag !== '63')
  deepEqual(wrong(summed([others[0]!, first!, ...others.slice(1)])), ['00 not_first'])
  deepEqual(wrong(`${staticText}6105101106304D274`), [
    '61 repeated',
    '63 crc_mismatch',
    '63 repeated',
  ])
  deepEqual(wrong(`${staticText}8001x`), ['63 not_last'])
  for (const tail of ['\n', ' ', '0', '00']) {
    match(wrong(staticText + tail)[0]!, /unreadable$/)
  }
  deepEqual(wrong(changed('62', '0703A010703A02')), ['62.07 repeated'])
  // As at LinkAja: the middle in any order.
  const shuffled = ['00', '01', '51', '52', '58', '59', '60', '61', '53', '62', '26']
  const byTag = new Map(okOf(readFields(staticText)).map(field => [field.tag, field]))
  const text = summed(shuffled.map(tag => byTag.get(tag)!))
  equal(okOf(parse(text)).merchantName, 'TOKO CONTOH')
  const dynamic = okOf(toDynamic(okOf(parse(text)), { amount: 5 }))
  deepEqual(
    dynamic.fields.map(({ tag }) => tag),
    ['00', '01', '51', '52', '58', '59', '60', '61', '53', '54', '62', '26', '63'],
  )
})

test('qris: check sum: lower case is read, upper case written, another refused (QRB2)', () => {
  const lower = staticText.slice(0, -4) + staticText.slice(-4).toLowerCase()
  const qris = okOf(parse(lower))
  equal(okOf(toDynamic(qris, { amount: 25_123 })).text, dynamicText)
  deepEqual(wrong(`${staticText.slice(0, -4)}D275`), ['63 crc_mismatch'])
  deepEqual(wrong(`${staticText.slice(0, -4)}D2 4`), ['63 invalid'])
  deepEqual(wrong(`${staticText.slice(0, -6)}05${staticText.slice(-4)}0`), ['63 invalid'])
})

test('qris: mandatory: each missing or wrong one is named (QRB3)', () => {
  for (const tag of ['52', '53', '58', '59', '60', '61']) {
    deepEqual(wrong(changed(tag, null)), [`${tag} missing`])
  }
  for (const [tag, values] of [
    ['52', ['581', '58123', '58A2']],
    ['53', ['840', 'IDR']],
    ['58', ['SG', 'id']],
    ['59', ['x'.repeat(26), 'TOKO\nCONTOH']],
    ['60', ['x'.repeat(16)]],
    ['61', ['x'.repeat(11)]],
  ] as const) {
    for (const value of values) deepEqual(wrong(changed(tag, value)), [`${tag} invalid`])
  }
  for (const [tag, value] of [
    ['59', `${'x'.repeat(24)} `],
    ['60', 'x'.repeat(15)],
    ['61', '1234567890'],
  ] as const) {
    ok('ok' in parse(changed(tag, value)))
  }
  equal(okOf(parse(changed('01', null))).kind, 'static')
  deepEqual(wrong(changed('01', '13')), ['01 invalid'])
})

test('qris: amount: its format, and that a dynamic one has it (QRB4, QRC5)', () => {
  for (const [text, rupiah, cents] of [
    ['1', 1, 0],
    ['25123', 25_123, 0],
    ['9999999999999', 9_999_999_999_999, 0],
    ['10000.', 10_000, 0],
    ['10000.5', 10_000, 50],
    ['10000.05', 10_000, 5],
    ['0.01', 0, 1],
    ['00010', 10, 0],
  ] as const) {
    deepEqual(okOf(parse(changed('54', text))).amount, { rupiah, cents })
  }
  for (const text of ['0', '0.00', '.5', '1.234', '1,000', '-1', '1e3', ' 1', '12345678901234']) {
    deepEqual(wrong(changed('54', text)), ['54 invalid'])
  }
  deepEqual(wrong(changed('01', '12')), ['54 missing'])
})

test('qris: tip: 55 says which of 56 and 57 stands there (QRB5)', () => {
  const tips = (kind: string, fixed: string | null, percent: string | null) => {
    const kinded = changed('55', kind)
    const added = fixed === null ? kinded : changed('56', fixed, kinded)
    return percent === null ? added : changed('57', percent, added)
  }
  deepEqual(okOf(parse(tips('01', null, null))).tip, { by: 'payer' })
  deepEqual(okOf(parse(tips('02', '500', null))).tip, { by: 'fixed', amount: 500 })
  deepEqual(okOf(parse(tips('03', null, '2.5'))).tip, { by: 'percent', bps: 250 })
  deepEqual(okOf(parse(tips('03', null, '10.25'))).tip, { by: 'percent', bps: 1_025 })
  deepEqual(wrong(tips('02', null, null)), ['56 missing'])
  deepEqual(wrong(tips('03', null, null)), ['57 missing'])
  deepEqual(wrong(tips('01', '500', '5')), ['56 unexpected', '57 unexpected'])
  deepEqual(wrong(changed('56', '500')), ['56 unexpected'])
  deepEqual(wrong(tips('04', null, null)), ['55 invalid'])
  deepEqual(wrong(tips('02', '0', null)), ['56 invalid'])
  for (const percent of ['0', '00.00', '100', '5.', '5.123']) {
    deepEqual(wrong(tips('03', null, percent)), ['57 invalid'])
  }
})

test('qris: who is paid: an account or the national id, an NMID when static (QRB6)', () => {
  deepEqual(wrong(changed('51', null)), ['51 missing'])
  const dynamicNational = changed('26', null, dynamicText)
  equal(okOf(parse(dynamicNational)).accounts.length, 0)
  deepEqual(wrong(changed('51', null, dynamicNational)), ['51 missing'])
  ok('ok' in parse(changed('51', null, dynamicText)))
  ok('ok' in parse(changed('04', 'whatever an owner likes', dynamicNational)))
  ok('ok' in parse(changed('51', '0017ID.OR.GPNQR.WWW  0215ID1020000000001')))
  deepEqual(wrong(changed('51', '0014ID.CO.QRIS.WWW')), ['51.02 missing'])
  for (const nmid of ['ID102000000000', 'XX1020000000001', 'id1020000000001']) {
    const value = writeFields([
      { tag: '00', value: 'ID.CO.QRIS.WWW' },
      { tag: '02', value: nmid },
    ])
    deepEqual(wrong(changed('51', value)), ['51.02 invalid'])
  }
  const digits = '0014ID.CO.QRIS.WWW0215000000000000000'
  deepEqual(wrong(changed('51', digits)), ['51.02 invalid'])
  equal(okOf(parse(changed('51', digits, dynamicText))).nmid, undefined)
})

test('qris: accounts: scheme, PAN and criteria; what is not readable is named (QRB7)', () => {
  const accountOf = (...values: readonly (readonly [string, string])[]) =>
    changed('26', writeFields(values.map(([tag, value]) => ({ tag, value }))))
  const scheme = ['00', 'id.ovo'] as const
  for (const pan of ['936009990000000017', '9360099900000000017']) {
    equal(okOf(parse(accountOf(scheme, ['01', pan]))).accounts[0]!.pan, pan)
  }
  // A bare 00 is seen in the wild.
  equal(okOf(parse(accountOf(['00', '00']))).accounts[0]!.scheme, '00')
  deepEqual(wrong(accountOf(['01', '936009990000000017'])), ['26.00 missing'])
  for (const pan of ['93600999000000001', '93600999000000000171', '123456789012345678']) {
    deepEqual(wrong(accountOf(scheme, ['01', pan])), ['26.01 invalid'])
  }
  deepEqual(wrong(accountOf(scheme, ['03', 'UXX'])), ['26.03 invalid'])
  deepEqual(wrong(changed('26', '00')), ['26.00 length_unreadable'])
  deepEqual(wrong(changed('45', 'xx')), ['45 tag_unreadable'])
  ok('ok' in parse(changed('25', 'xx')))
})

test('qris: additional data and language keep their lengths, unknown ones stay (QRB8)', () => {
  ok('ok' in parse(changed('62', '0103***0903***1003***990200')))
  deepEqual(wrong(changed('62', `0126${'x'.repeat(26)}`)), ['62.01 invalid'])
  deepEqual(wrong(changed('62', '0901X')), ['62.09 invalid'])
  deepEqual(wrong(changed('62', `1021${'x'.repeat(21)}`)), ['62.10 invalid'])
  deepEqual(wrong(changed('62', '1102xx')), ['62.11 invalid'])
  deepEqual(wrong(changed('62', '07')), ['62.07 length_unreadable'])
  ok('ok' in parse(changed('64', '0002EN0104SHOP0204CITY')))
  deepEqual(wrong(changed('64', '0004SHOP')), ['64.00 invalid', '64.01 missing'])
})

test('qris: transfer: what it is for and its unique id are there (QRB9)', () => {
  const transfer = (mcc: string, additional: string) =>
    changed('52', mcc, changed('62', additional, changed('40', '0006ID.OVO')))
  const own = (id: string) => {
    const value = `000200${writeFields([{ tag: '01', value: id }])}`
    return `0804DMCT${writeFields([{ tag: '99', value }])}`
  }
  ok('ok' in parse(transfer('4829', own('ABCDEFGH'))))
  deepEqual(wrong(transfer('5812', own('ABCDEFGH'))), ['52 invalid'])
  deepEqual(wrong(transfer('4829', own('ABCDEFG'))), ['62.99.01 invalid'])
  deepEqual(wrong(transfer('4829', '0804XXXX')), ['62.08 invalid', '62.99 missing'])
  deepEqual(wrong(changed('52', '4829', changed('40', '0006ID.OVO'))), [
    '62.08 missing',
    '62.99 missing',
  ])
})

test('qris: dynamic: values that look like tags are left alone (QRC1)', () => {
  const name = 'WARUNG 5802ID 010211'
  const tricky = okOf(build({ ...merchant, name, labels: { storeLabel: '5303360540510000' } }))
  const dynamic = okOf(toDynamic(tricky, { amount: 25_123 }))
  equal(dynamic.merchantName, name)
  equal(dynamic.labels.storeLabel, '5303360540510000')
  deepEqual(dynamic.amount, { rupiah: 25_123, cents: 0 })
})

test('qris: dynamic: the old amount and tip go, labels stand among the others (QRC2, QRC3)', () => {
  const old = changed('55', '01', changed('54', '999'))
  const dynamic = okOf(toDynamic(okOf(parse(old)), { amount: 5, labels: { referenceLabel: 'R1' } }))
  deepEqual(
    without(dynamic, '01', '62', '63', '54'),
    without(okOf(parse(staticText)), '01', '62', '63'),
  )
  equal(dynamic.tip, undefined)
  equal(dynamic.fields.find(({ tag }) => tag === '62')!.value, '0502R10703A01')
  const bare = okOf(parse(changed('64', '0002EN0104SHOP', changed('62', null))))
  const labelled = okOf(
    toDynamic(bare, { amount: 5, labels: { billNumber: 'B', terminalLabel: 'T' } }),
  )
  deepEqual(
    labelled.fields.slice(-3).map(({ tag, value }) => `${tag} ${value}`.slice(0, 13)),
    ['62 0101B0701T', '64 0002EN0104', `63 ${labelled.text.slice(-4)}`],
  )
  const replaced = okOf(
    toDynamic(okOf(parse(staticText)), { amount: 5, labels: { terminalLabel: 'B02' } }),
  )
  equal(replaced.labels.terminalLabel, 'B02')
})

test('qris: dynamic: a QR without 01 gets one behind 00 (QRC2)', () => {
  const dynamic = okOf(toDynamic(okOf(parse(changed('01', null))), { amount: 5 }))
  deepEqual(
    dynamic.fields.slice(0, 3).map(({ tag }) => tag),
    ['00', '01', '26'],
  )
  equal(dynamic.kind, 'dynamic')
})

test('qris: refused: amounts, tips, labels and merchants that can not be (QRC4, QRC5)', () => {
  const qris = okOf(parse(staticText))
  for (const amount of [0, -1, 0.5, Number.NaN, 2 ** 53, 10_000_000_000_000]) {
    deepEqual(problemsIn(toDynamic(qris, { amount })), ['54 invalid'])
  }
  for (const tip of [
    { by: 'fixed', amount: 0 },
    { by: 'percent', bps: 10_000 },
    { by: 'percent', bps: 0.5 },
  ] as const) {
    deepEqual(problemsIn(toDynamic(qris, { amount: 5, tip })), ['55 invalid'])
  }
  equal(
    okOf(toDynamic(qris, { amount: 5, tip: { by: 'percent', bps: 250 } })).fields.find(
      ({ tag }) => tag === '57',
    )!.value,
    '02.50',
  )
  const labelled = (referenceLabel: string) =>
    problemsIn(toDynamic(qris, { amount: 5, labels: { referenceLabel } }))
  deepEqual(labelled(''), ['62.05 empty'])
  deepEqual(labelled('x'.repeat(26)), ['62.05 invalid'])
  deepEqual(labelled('x'.repeat(100)), ['62.05 too_long'])
  const dynamic = okOf(parse(dynamicText))
  deepEqual(problemsIn(toDynamic(dynamic, { amount: 5 })), ['01 already_dynamic'])
  deepEqual(problemsIn(build({ ...merchant, name: '' })), ['59 empty'])
  deepEqual(problemsIn(build({ ...merchant, name: 'x'.repeat(100) })), ['59 too_long'])
  const [first] = merchant.accounts
  const accounts = [{ ...first!, scheme: 'x'.repeat(100) }]
  deepEqual(problemsIn(build({ ...merchant, accounts })), ['26.00 too_long'])
})

const plain = fc.stringMatching(/^[ -~]{1,20}$/)
const fieldsAnyhow = fc.array(
  fc
    .tuple(fc.nat(99), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }))
    .filter(([, value]) => [...value].length < 99)
    .map(([tag, value]) => ({ tag: String(tag).padStart(2, '0'), value })),
  { maxLength: 12 },
)

const merchants: fc.Arbitrary<Merchant> = fc.record({
  accounts: fc.constant(merchant.accounts),
  national: fc
    .stringMatching(/^\d{13}$/)
    .map(digits => ({ nmid: `ID${digits}`, criteria: 'UKE' as const })),
  mcc: fc.stringMatching(/^\d{4}$/),
  name: fc.stringMatching(/^[ -~]{1,25}$/),
  city: fc.stringMatching(/^[ -~]{1,15}$/),
  postalCode: fc.stringMatching(/^\d{5}$/),
  labels: fc.record({ storeLabel: plain, terminalLabel: plain }),
})
const amounts = fc.integer({ min: 1, max: 9_999_999_999_999 })

test('qris: what was written is read back, and written the same again (QRA2)', () => {
  fc.assert(
    fc.property(fieldsAnyhow, fields => {
      const text = writeFields(fields)
      deepEqual(okOf(readFields(text)), fields)
      equal(writeFields(okOf(readFields(text))), text)
    }),
  )
})

test('qris: build and parse agree for any merchant and amount (QRA2, QRC5)', () => {
  fc.assert(
    fc.property(merchants, amounts, (shop, amount) => {
      const qris = okOf(build(shop, { amount }))
      const again = okOf(parse(qris.text))
      deepEqual(again, qris)
      equal(summed(without(again, '63')), qris.text)
      deepEqual(again.amount, { rupiah: amount, cents: 0 })
      equal(again.merchantName, shop.name)
    }),
  )
})

test('qris: no text makes reading throw (QRA3)', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 600 }),
    fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
      .map(units => String.fromCharCode(...units)),
    fieldsAnyhow.map(summed),
    fc
      .tuple(fc.nat(staticText.length), fc.string())
      .map(([at, inserted]) => staticText.slice(0, at) + inserted + staticText.slice(at)),
  )
  fc.assert(
    fc.property(texts, text => {
      const read = parse(text)
      if ('ok' in read) equal(read.ok.text, text)
      else deepEqual(parse(text), read)
    }),
  )
})

test('qris: any one character changed is found (QRB2)', () => {
  const { text } = okOf(build(merchant, { amount: 25_123 }))
  for (let at = 0; at < text.length; at++) {
    for (let code = 0x20; code < 0x7f; code++) {
      const other = String.fromCharCode(code)
      if (other.toUpperCase() === text[at]!.toUpperCase()) continue
      ok('problems' in parse(text.slice(0, at) + other + text.slice(at + 1)), `${at} ${other}`)
    }
  }
})

test('qris: charged again and again: each time the text that it has read back (QRC6)', () => {
  const charges = fc.array(amounts, { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(merchants, charges, plain, (shop, some, referenceLabel) => {
      const qris = okOf(build(shop))
      const put = okOf(chargesOf(qris, referenceLabel.length))
      for (const amount of some) {
        const alone = okOf(toDynamic(qris, { amount, labels: { referenceLabel } }))
        equal(put(amount, referenceLabel), alone.text)
      }
    }),
  )
  const dynamic = okOf(parse(dynamicText))
  deepEqual(problemsIn(chargesOf(dynamic, 20)), ['01 already_dynamic'])
})

test('qris: made dynamic, all other fields stay, in their order (QRC2)', () => {
  const more = fc.uniqueArray(fc.integer({ min: 80, max: 99 }), { maxLength: 3 })
  fc.assert(
    fc.property(merchants, amounts, more, plain, (shop, amount, tags, value) => {
      const base = without(okOf(build(shop)), '63')
      const [head, ...tail] = [...base, ...tags.map(tag => ({ tag: String(tag), value }))]
      const unchanged = okOf(parse(summed([head!, ...tail.toReversed()])))
      const dynamic = okOf(toDynamic(unchanged, { amount }))
      deepEqual(without(dynamic, '01', '54', '63'), without(unchanged, '01', '63'))
    }),
  )
})
