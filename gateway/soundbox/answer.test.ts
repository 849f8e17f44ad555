import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { refusalOf } from './answer.ts'

test('soundbox answer: details call fields as the request does', () => {
  const details = {
    problems: ['accountName', 'qr 62.07: too_long', 'rate_invalid', 'mcc'],
    fields: [{ field: 'qr_name', problem: 'too_big' }, 'tid'],
    deviceId: 'aB',
  }
  const { text } = refusalOf({ id: 'r' }, 'FIELDS_INVALID', { details })
  deepEqual(JSON.parse(text).details, {
    problems: ['account_name', 'qr 62.07: too_long', 'rate_invalid', 'mcc'],
    fields: [{ field: 'qr_name', problem: 'too_big' }, 'tid'],
    device_id: 'aB',
  })
})
