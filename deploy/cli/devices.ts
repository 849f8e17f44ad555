/** Boxes on the command line. */

import { readFileSync } from 'node:fs'
import type { DeviceView } from '../../services/contract/device.ts'
import { newSecret } from '../../services/soundbox/secret.ts'
import { checkAcl } from './acl-check.ts'
import { askEngine } from './ask-engine.ts'
import { Misuse, positionals, snake, type Tools, values, whoAsks, whole } from './words.ts'

/** The secret is drawn here, so that the request and its answer hold nothing that opens a door. */
export async function provisionDevice(tools: Tools): Promise<number> {
  const { vendor, name, acks, adapter = 'laju', serial, terminal } = values
  if (vendor === undefined || name === undefined) {
    throw new Misuse('device provision takes --vendor and --name.')
  }
  const { secret, kept } = newSecret(1)
  const { salt, hash } = kept
  const own = {
    ...(acks === undefined ? {} : { acks }),
    ...(serial === undefined ? {} : { serial }),
  }
  const model = { vendor, name, adapter, ...own }
  const asked = { model, kept: { salt, hash }, by: whoAsks(), terminalId: terminal ?? null }
  const show = (answer: object) => ({ ...shownDevice(answer), secret })
  return await askEngine(tools, 'deviceProvision', asked, { show })
}

export async function rotateDevice(tools: Tools): Promise<number> {
  if (values.device === undefined) throw new Misuse('--device is missing.')
  const { secret, kept } = newSecret(1)
  const { salt, hash } = kept
  const graceMs = whole('grace', 0) * 1_000
  const asked = { deviceId: values.device, graceMs, kept: { salt, hash }, by: whoAsks() }
  const show = (answer: object) => ({ ...shownDevice(answer), secret })
  return await askEngine(tools, 'deviceRotate', asked, { show })
}

/** Needs no database: it only reads the file. */
export function checkAclFile(): number {
  const [, , file] = positionals
  try {
    if (file === undefined) throw new Misuse('device acl-check takes the path of a file.')
    const found = checkAcl(readFileSync(file, 'utf8'))
    if (values.json) process.stdout.write(`${JSON.stringify({ found })}\n`)
    else {
      for (const { line, text, problem } of found) {
        process.stdout.write(line === 0 ? `${problem}\n` : `line ${line}: ${problem}: ${text}\n`)
      }
      if (found.length === 0) process.stdout.write('A box reaches its own topics and no others.\n')
    }
    return found.length === 0 ? 0 : 1
  } catch (cause) {
    process.stderr.write(`${(cause as Error).message}\n`)
    return 2
  }
}

function shownDevice(answer: object): object {
  const { device } = (answer as { ok: { device: DeviceView } }).ok
  const { deviceId, status, credential, binding } = device
  const { generation, fingerprint } = credential
  return snake({
    deviceId,
    status,
    generation,
    fingerprint,
    terminalId: binding?.terminalId ?? null,
  })
}
