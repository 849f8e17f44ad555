import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { reportOf } from './report.ts'

const text = (said: string) => reportOf(Buffer.from(said)).text

test('report: parameters: in their documented order, the first of a name counts (PAG1)', () => {
  equal(text('status=20&refid=7&x=1&t=9'), 't=9&refid=7&status=20&x=1')
  equal(text('Status=40&status=20'), 'status=40')
  equal(reportOf(Buffer.from('refid=&clientid=a+b')).named('refid'), undefined)
  equal(reportOf(Buffer.from('refid=&clientid=a+b')).named('clientid'), 'a b')
})

test('report: inside a parameter: no other one (PAG2)', () => {
  const query = 't=1&refid=7&status=40&message=x%26status%3D20%26message%3Dy&status=20'
  equal(text(query), 't=1&refid=7&status=40&message=x status=20 message=y')
})

test('report: no query: as it came, bounded (PAG3)', () => {
  equal(text('{"a":"b=c"}'), '{"a":"b=c"}')
  equal(text('SUKSES SN=1'), 'SUKSES SN=1')
  equal(text(`x=${'y'.repeat(9_000)}`).length, 2_048)
})
