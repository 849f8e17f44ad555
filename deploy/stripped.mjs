/**
 * Node takes the types off each of our files anew at every start, by a compiler that stays in
 * memory afterwards, in every thread: half a second, and more than ten megabytes each. What came
 * out is kept beside Node's own cache; while no file changes, the compiler isn't even loaded.
 *
 *   file ─▶ kept, and of just this text? ──yes──▶ loaded      no ─▶ stripped, kept, loaded
 *
 * DST1. What is loaded is what this Node makes of the file as it stands now: a kept one carries a
 *       digest over both, so a file that was changed, or kept by halves, is stripped again.
 * DST2. Where nothing can be kept, everything is as without it.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { threadId } from 'node:worker_threads'

const folder = join(import.meta.dirname, '../node_modules/.cache/stripped')

registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context)
    const source = readFileSync(fileURLToPath(url), 'utf8')
    return { format: 'module', shortCircuit: true, source: stripped(url, source) }
  },
})

function stripped(url, source) {
  const place = join(folder, digestOf(url))
  const kept = read(place)
  const code = kept.slice(kept.indexOf('\n') + 1)
  if (kept !== '' && kept === entryOf(source, code)) return code
  const fresh = stripTypeScriptTypes(source)
  write(place, entryOf(source, fresh))
  return fresh
}

const entryOf = (source, code) => `${digestOf(`${process.version}\n${source}\n${code}`)}\n${code}`

const digestOf = text => createHash('sha256').update(text).digest('hex').slice(0, 32)

function read(place) {
  try {
    return readFileSync(place, 'utf8')
  } catch {
    return ''
  }
}

/** In one step: another thread, or process, may be about to read or to write it as well. */
function write(place, text) {
  const beside = `${place}.${process.pid}.${threadId}`
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(beside, text)
    renameSync(beside, place)
  } catch {
    // It is stripped again the next time.
  }
}
