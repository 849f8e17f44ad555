import { equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import { Tally } from './tally.ts'

const file = '/repo/engine/ids.test.ts'
const plain = { file, line: 3, details: { type: 'test' } }
const lastLine = (tally: Tally) => tally.closing().split('\n').at(-1)

test('tally: tests are counted, suites are not (D10)', () => {
  const tally = new Tally('/repo')
  tally.pass({ ...plain, name: 'one' })
  tally.pass({ ...plain, name: 'two' })
  tally.pass({ ...plain, name: 'suite', details: { type: 'suite' } })
  equal(tally.closing(), '2 passed, 0 failed, 0 skipped')
  equal(tally.ok, true)
})

test('tally: a failure: in full, once, with what its file printed (D10)', () => {
  const tally = new Tally('/repo')
  tally.print(file, 'hint\n')
  const error = { failureType: 'testCodeFailure', cause: new Error('boom') }
  equal(
    tally.fail({ ...plain, name: 'one', details: { type: 'test', error } }),
    '✖ one  engine/ids.test.ts:3',
  )
  const suite = { type: 'suite', error: { failureType: 'subtestsFailed', cause: '1 failed' } }
  equal(tally.fail({ ...plain, name: 'suite', details: suite }), '')
  match(
    tally.closing(),
    /✖ one {2}engine\/ids\.test\.ts:3\n {2}Error: boom\n[\s\S]*printed:\n {2}hint/,
  )
  equal(lastLine(tally), '0 passed, 1 failed, 0 skipped')
  equal(tally.ok, false)
})

test('tally: a file that crashed: failed (D11)', () => {
  const tally = new Tally('/repo')
  tally.fail({
    name: file,
    file,
    details: { type: 'test', error: { cause: 'test failed', exitCode: 3 } },
  })
  match(tally.closing(), /✖ engine\/ids\.test\.ts\n {2}test failed \(exit code 3\)/)
})

test('tally: a file without a test: failed (D11)', () => {
  const tally = new Tally('/repo')
  tally.pass({ ...plain, name: 'other' })
  tally.pass({ name: file, file, details: { type: 'test' } })
  equal(lastLine(tally), '1 passed, 1 failed, 0 skipped')
})

test('tally: a run of nothing: failed (D11)', () => {
  const tally = new Tally('/repo')
  equal(tally.ok, false)
  equal(lastLine(tally), '0 passed, 1 failed, 0 skipped')
})

test('tally: skipped: with the reason, also for a whole suite and a failing todo (D12)', () => {
  const tally = new Tally('/repo')
  tally.pass({ ...plain, name: 'other' })
  tally.pass({ ...plain, name: 'page', skip: 'chromium is missing' })
  tally.pass({ ...plain, name: 'suite', skip: true, details: { type: 'suite' } })
  equal(tally.fail({ ...plain, name: 'later', todo: 'in May' }), '')
  const closing = tally.closing()
  match(closing, /page {2}engine\/ids\.test\.ts:3: chromium is missing\n/)
  match(closing, /suite .*: no reason given\n/)
  match(closing, /later .*: todo: in May\n/)
  equal(lastLine(tally), '1 passed, 0 failed, 3 skipped')
})
