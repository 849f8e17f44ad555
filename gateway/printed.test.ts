import { deepEqual, equal, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { Printed } from './printed.ts'

const long = `{"rows":[${Array.from({ length: 500 }, (_, n) => `"pulsa é ${n}"`).join()}]`

async function packed(text: string): Promise<Printed> {
  const printed = new Printed(text)
  printed.with('', 'gzip')
  while (printed.with('', 'gzip').headers['Content-Encoding'] !== 'gzip') {
    await new Promise(resolve => setImmediate(resolve))
  }
  return printed
}

test('printed: plain and packed: the text and each tail, to the byte (BBA1)', async () => {
  const printed = await packed(long)
  for (const tail of ['', '}', ',"request_id":"abc"}', 'ë'.repeat(100), '}']) {
    equal(Buffer.from(printed.with(tail, '').body).toString(), long + tail)
    const { body } = printed.with(tail, 'gzip, deflate')
    equal(gunzipSync(body).toString(), long + tail)
  }
  throws(() => printed.with('x'.repeat(257), ''), /too long/)
})

test('printed: asked before it is packed: as it is, at once (BBA2)', async () => {
  const printed = new Printed(long)
  const first = printed.with('}', 'gzip')
  deepEqual(first.headers, { Vary: 'Accept-Encoding' })
  equal(Buffer.from(first.body).toString(), `${long}}`)
})

test('printed: who takes gzip: by the header’s words (BBA3)', async () => {
  const printed = await packed(long)
  const isPacked = (accept: string) => 'Content-Encoding' in printed.with('', accept).headers
  const takers = ['gzip', 'gzip, deflate, br', 'br;q=1.0, gzip;q=0.8, *;q=0.1', 'deflate,GZIP', '*']
  deepEqual(takers.filter(isPacked), takers)
  const others = ['', 'identity', 'br', 'gzip;q=0', 'gzip;q=0.0, br', 'xgzip', 'gzipped']
  deepEqual(others.filter(isPacked), [])
  equal(printed.with('', 'gzip').headers['Vary'], 'Accept-Encoding')
})

test('printed: a short text: never packed (BBA4)', async () => {
  const printed = new Printed('short')
  for (let n = 0; n < 50; n++) {
    await new Promise(resolve => setImmediate(resolve))
    deepEqual(printed.with('', 'gzip').headers, { Vary: 'Accept-Encoding' })
  }
})
