import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { callbackOf } from './intake.ts'

test('intake: an order’s address: the dialect before the scheme, spelled safely (WHD4)', () => {
  const read = (address: string) => {
    const callback = callbackOf(address)
    return callback === null ? null : `${callback.shape} ${callback.url}`
  }
  deepEqual(
    [
      'https://client.example/hook?a=1',
      'digiflazz+https://client.example/hook',
      'otomax+http://client.example:6969/report',
      'irs+http://client.example/report',
      'HTTP://Client.Example/A',
      'http://client.example/\0\ud800',
      'digiflazz+nonsense',
      'telnet+http://client.example/',
      'ftp://client.example/',
      'http://',
      '',
    ].map(read),
    [
      'standard https://client.example/hook?a=1',
      'digiflazz https://client.example/hook',
      'otomax http://client.example:6969/report',
      'irs http://client.example/report',
      'standard http://client.example/A',
      'standard http://client.example/%00%EF%BF%BD',
      null,
      null,
      null,
      null,
      null,
    ],
  )
})
