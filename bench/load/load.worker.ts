/**
 * The load generator as a process of its own, so that what it costs is visible and apart.
 * A job is answered twice: when its requests are ready, and, after `go`, with the outcome.
 */
import { load, type Outcome, type Pace, type Target } from './load.ts'
import { type Batch, type Plan, prepare, type Question, repeat, type Signer } from './requests.ts'

export type Job = {
  readonly target: Target
  readonly plan: Plan | Question
  readonly pace: Pace
  readonly signers: readonly Signer[]
}

export type ToWorker = { readonly prepare: Job } | { readonly go: true }
export type FromWorker =
  | { readonly prepared: number }
  | { readonly outcome: Outcome }
  | { readonly failed: string }

let job: Job | null = null
let batch: Batch | null = null

process.on('message', (message: ToWorker) => {
  handle(message).then(tell, (failure: unknown) => tell({ failed: String(failure) }))
})
process.on('disconnect', () => process.exit())

async function handle(message: ToWorker): Promise<FromWorker> {
  if ('prepare' in message) {
    job = message.prepare
    const { plan, signers } = job
    const atSeconds = Math.floor(Date.now() / 1000)
    batch = 'tag' in plan ? prepare(plan, signers, atSeconds) : repeat(plan, signers[0]!, atSeconds)
    return { prepared: batch.count }
  }
  if (job === null || batch === null) throw new Error('bench: go before prepare')
  return { outcome: await load(job.target, batch, job.pace) }
}

function tell(message: FromWorker): void {
  process.send!(message)
}
