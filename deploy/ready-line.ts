/**
 * What whoever started the program hears when it serves: one line for programs, and the addresses
 * for people.
 *
 * DX1. Exactly one line goes to stdout: the ready line, when the first order would be taken.
 */

import { demoFile } from './demo/demo.ts'
import type { Settings } from './settings.ts'

type Doors = {
  readonly port: number
  readonly mqttPort: number | null
  readonly sandbox: string | null
  /** Since the program began. */
  readonly ms: number
}

export function sayReady(
  { mode, dataDir }: Pick<Settings, 'mode' | 'dataDir'>,
  { port, mqttPort, sandbox, ms }: Doors,
): void {
  const http = `http://127.0.0.1:${port}`
  const mqtt = mqttPort === null ? null : `mqtt://127.0.0.1:${mqttPort}`
  process.stdout.write(
    `${JSON.stringify({ ready: true, http, mqtt, sandbox, pid: process.pid, ms })}\n`,
  )
  const lines = [
    `Laju siap dalam ${(ms / 1_000).toFixed(1)} detik.`,
    `Halaman:   ${http}/`,
    ...(mode === 'demo' ? [`Kunci:     ${demoFile(dataDir)}`] : []),
    `Nomor OTP: ${http}/nomor`,
    ...(mqtt === null ? [] : [`Soundbox:  ${mqtt}   Di peramban: ${http}/kotak`]),
    ...(sandbox === null ? [] : [`Sandbox:   ${sandbox}/   SMS, bayar: ${sandbox}/_sandbox/main`]),
    `Kesehatan: ${http}/health/deep   Metrik: ${http}/metrics`,
    'Ctrl-C untuk berhenti.',
  ]
  process.stderr.write(`\n${lines.map(line => `  ${line}`).join('\n')}\n\n`)
}
