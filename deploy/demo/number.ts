/**
 * The demo's suppliers of numbers: two who live in the sandbox, one for each kind. What an owner has
 * changed stays, but for the address, which is where the sandbox is now.
 *
 * DNL1. Each is made once, and a second start finds it. Its key is computed and shown nowhere.
 * DNL2. The sandbox knows our accounts after every start; one that it remembers keeps its balance.
 */

import type { Answer } from '../../services/contract/answer.ts'
import type { NumberSupplierRow } from '../../services/contract/number-supplier.ts'
import type { Call } from '../../services/contract.ts'
import type { Seal } from '../../services/seal.ts'
import { StartFailure } from '../start-failure.ts'

type DemoNumberDeps = {
  readonly call: Call
  readonly seal: Pick<Seal, 'keyFor'>
  readonly sandboxUrl: string
}

/** The codes are the names of the sandbox's parties, too. */
const suppliers = [
  { code: 'handler_api', name: 'Sandbox handler_api', kind: 'handler_api' },
  { code: 'rumahotp', name: 'Sandbox RumahOTP', kind: 'rumahotp' },
] as const

const username = 'laju'
const by = 'demo'
const sandboxTimeoutMs = 5_000
const asItsKind = { cancelAfterMs: null, lifeMs: null, pollMs: null, resends: null }

/** Needs the services, and no engine. */
export async function prepareDemoNumber({ call, seal, sandboxUrl }: DemoNumberDeps): Promise<void> {
  const { suppliers: rows } = said(await call('numberSupplier.list', {}))
  for (const { code, name, kind } of suppliers) {
    const baseUrl = `${sandboxUrl}/${code}`
    const known = rows.find(row => row.code === code)
    if (known === undefined) {
      const credentials = { api_key: keyOf(seal, code) }
      const made = { code, name, kind, baseUrl, credentials, unit: '1', active: true, version: 0 }
      said(await call('numberSupplier.put', { ...made, terms: asItsKind, by, reason: 'demo' }))
    } else if (known.baseUrl !== baseUrl) await move(call, known, baseUrl)
  }
}

async function move(call: Call, known: NumberSupplierRow, baseUrl: string): Promise<void> {
  const { code, name, kind, unit, active, terms, version } = known
  const same = { code, name, kind, unit, active, terms, version, credentials: null }
  said(await call('numberSupplier.put', { ...same, baseUrl, by, reason: 'the sandbox moved' }))
}

export async function registerNumbersAtSandbox({
  seal,
  sandboxUrl,
}: Pick<DemoNumberDeps, 'seal' | 'sandboxUrl'>): Promise<void> {
  const url = `${sandboxUrl}/_sandbox/accounts`
  for (const { code: party } of suppliers) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(sandboxTimeoutMs),
      body: JSON.stringify({ party, username, api_key: keyOf(seal, party) }),
    }).catch((cause: unknown) => cause)
    if (answer instanceof Response && answer.ok) continue
    throw new StartFailure(
      `The sandbox at ${url} did not take our accounts for numbers: ` +
        'check SANDBOX_PORT and SANDBOX_URL, or restart the sandbox.',
      { cause: answer },
    )
  }
}

const keyOf = (seal: Pick<Seal, 'keyFor'>, code: string): string =>
  seal.keyFor(`demo number supplier ${code}`).toString('hex').slice(0, 40)

function said<T>(answer: Answer<T>): T {
  if ('ok' in answer) return answer.ok
  throw new Error(`the demo's suppliers of numbers were refused: ${JSON.stringify(answer)}`)
}
