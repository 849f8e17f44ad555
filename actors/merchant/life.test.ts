import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { isTrading, type MerchantStatus, type MerchantVerb, merchantLife, step } from './life.ts'

const states: readonly MerchantStatus[] = ['pending', 'approved', 'rejected', 'suspended']
const verbs: readonly MerchantVerb[] = ['approve', 'reject', 'suspend', 'resume']

test('merchant life: every state and verb: only what the table knows (SAC1)', () => {
  const possible = states.flatMap(from =>
    verbs.flatMap(verb => {
      const taken = step(from, verb, 'admin')
      return 'to' in taken && taken.changed ? [`${from} ${verb} ${taken.to}`] : []
    }),
  )
  deepEqual(possible, [
    'pending approve approved',
    'pending reject rejected',
    'approved suspend suspended',
    'suspended resume approved',
  ])
  deepEqual(step('rejected', 'approve', 'admin'), { refused: 'STATUS_INVALID' })
  deepEqual(step('pending', 'suspend', 'admin'), { refused: 'STATUS_INVALID' })
})

test('merchant life: a role that may not: refused, whatever the step (SAC2)', () => {
  for (const { from, verb, who } of merchantLife) {
    equal(who.includes('viewer'), false)
    deepEqual(step(from, verb, 'viewer'), { refused: 'FORBIDDEN' })
    for (const role of who) equal('to' in step(from, verb, role), true)
  }
  deepEqual(step('pending', 'approve', 'finance'), { refused: 'FORBIDDEN' })
})

test('merchant life: a step taken already: nothing changes (SAC3)', () => {
  deepEqual(step('approved', 'approve', 'ops'), { to: 'approved', changed: false })
  deepEqual(step('suspended', 'suspend', 'finance'), { to: 'suspended', changed: false })
})

test('merchant life: who trades: the approved, and nobody else (SAC4)', () => {
  deepEqual(states.filter(isTrading), ['approved'])
})
