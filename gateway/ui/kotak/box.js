/**
 * What a box does with what it is told, without its face, line and voice: those are given to it.
 *
 *   payment ─▶ waiting ─▶ speaking ─▶ played │ chimed        received ─▶ on each delivery
 *                 └▶ late    └▶ unsure (switched off amid)   played ─▶ when it was heard
 *
 * VBX1. A payment is spoken at most once, however often it comes, also after a reload: that it is
 *       about to be spoken is written down before it is.
 * VBX2. Received is acknowledged on each delivery; played only for what was heard to its end, by
 *       speech or chime, and again whenever that comes once more.
 * VBX3. In order, one at a time. What is too old when its turn comes is shown and not spoken.
 * VBX4. A summary of what was missed is shown and acknowledged, never spoken.
 * VBX5. Settings and commands are answered with what was done: applied or rejected, done or failed.
 *       A command that comes again is answered again and not done again.
 * VBX6. A QR is asked for once under one id, however often the line breaks meanwhile; its payment
 *       closes it.
 * VBX7. Memory is bounded, and a store that takes nothing costs only the memory.
 * VBX8. A sentence that can not be played is called neither played nor waiting, and the next ones
 *       are spoken all the same.
 */

import { text as words } from './text.id.js'

const rowsMax = 300
const commandsMax = 50
const usualAgeMs = 55_000
const answerMsMax = 15_000
const usual = { volume: 80, language: 'id', heartbeat_s: 30, version: 0 }
const heard = { spoken: 'played', chime: 'chimed' }

/**
 * `store` has `read()` and `write(value)`; `say(kind, payload)` is false when it is not taken;
 * `play({text, lang, volume})` says `spoken`, `chime` or `silent`.
 */
export function createBox({ store, say, play, isAudible, now, newId, onChange, onReboot }) {
  const kept = store.read() ?? {}
  /** Newest first. */
  const rows = (kept.rows ?? []).map(row =>
    row.status === 'speaking' ? { ...row, status: 'unsure' } : row,
  )
  const commands = new Map(
    (kept.commands ?? []).map(([id, result]) => [
      id,
      result === 'busy' ? failed(words.command.broken) : result,
    ]),
  )
  const settings = { ...usual, ...kept.settings }
  let qr = null
  let sound = Promise.resolve()

  function keep() {
    rows.splice(rowsMax)
    for (const id of commands.keys()) {
      if (commands.size <= commandsMax) break
      commands.delete(id)
    }
    store.write({ rows, commands: [...commands], settings })
    onChange()
  }

  function mark(row, status) {
    row.status = status
    keep()
  }

  // -- what it is told -------------------------------------------------------------------------

  const hears = {
    payment(told) {
      const { message_id: id } = told
      if (!isWord(id)) return
      say('ack', { message_id: id, status: 'received' })
      const known = rows.find(row => row.id === id)
      if (known !== undefined) return repeat(known)
      const { transaction_id: tx, amount, lang = 'id' } = told
      const row = {
        ...{ id, kind: 'payment', tx, amount: numberIn(amount), text: textIn(told.text), lang },
        at: momentIn(told.ts) ?? now(),
        until: momentIn(told.expires_at) ?? now() + usualAgeMs,
        status: told.speak === false ? 'shown' : 'waiting',
      }
      rows.unshift(row)
      if (qr !== null && qr.tx === tx) qr = { ...qr, state: 'paid' }
      keep()
      talk()
    },
    summary(told) {
      const { message_id: id } = told
      if (!isWord(id)) return
      say('ack', { message_id: id, status: 'received' })
      if (rows.some(row => row.id === id)) return
      const at = momentIn(told.ts) ?? now()
      const { count, total } = told
      const text = textIn(told.text)
      rows.unshift({
        ...{ id, kind: 'summary', amount: numberIn(total), count: numberIn(count), text, at },
        status: 'shown',
      })
      keep()
    },
    config({ version, ...values }) {
      if (!Number.isInteger(version)) return
      const status = isSensible(values) ? 'applied' : 'rejected'
      if (status === 'applied') {
        for (const name of Object.keys(usual)) {
          if (values[name] !== undefined) settings[name] = values[name]
        }
        settings.version = version
        keep()
        talk()
      }
      say('config/ack', { version, status })
    },
    command(told) {
      const { command_id: id, type } = told
      if (!isWord(id)) return
      const before = commands.get(id)
      if (before !== undefined) return answer(id, before)
      const isOver = (momentIn(told.expires_at) ?? Number.POSITIVE_INFINITY) < now()
      const done = isOver
        ? failed(words.command.late)
        : (own(carryOut, type) ?? unknown)(told.args ?? {})
      // Known from now on: the same one may come again before it is done.
      commands.set(id, 'busy')
      keep()
      void Promise.resolve(done).then(result => {
        commands.set(id, result)
        keep()
        answer(id, result)
        if (result.status === 'done' && type === 'reboot') onReboot()
      })
    },
    'dynamic-qr/response'(told) {
      if (qr === null || qr.id !== told.request_id) return
      if (told.error !== undefined || typeof told.qr_string !== 'string') {
        qr = { ...qr, state: 'refused', why: String(told.error ?? '') }
      } else {
        const { transaction_id: tx, qr_string: code } = told
        const isPaid = rows.some(row => row.tx === tx)
        const until = momentIn(told.expires_at)
        qr = { ...qr, tx, code, until, state: isPaid ? 'paid' : 'open' }
      }
      onChange()
    },
  }

  function repeat(row) {
    const isHeard = row.status === 'played' || row.status === 'chimed'
    if (isHeard) say('ack', { message_id: row.id, status: 'played' })
    else if (row.status === 'waiting') talk()
  }

  function answer(id, result) {
    if (result !== 'busy') say('command/ack', { command_id: id, ...result })
  }

  const carryOut = {
    volume({ level }) {
      if (!isPercent(level)) return failed(words.command.wrong)
      settings.volume = level
      talk()
      return done
    },
    language({ lang }) {
      if (!isLanguage(lang)) return failed(words.command.wrong)
      settings.language = lang
      return done
    },
    play_test: ({ text }) =>
      new Promise(resolve => {
        sound = sound.then(async () => {
          const { volume } = settings
          const how = isAudible()
            ? await tryPlay({ text: textIn(text) || words.test, lang: 'id', volume })
            : 'silent'
          resolve(how in heard ? done : failed(words.command.silent))
        })
      }),
    reboot: () => done,
  }
  const unknown = () => failed(words.command.unknown)

  // -- what it says ----------------------------------------------------------------------------

  /** Trouble with one costs the next ones nothing. */
  const tryPlay = async told => {
    try {
      return await play(told)
    } catch {
      return 'broken'
    }
  }

  /** Whatever waits, as far as it can be heard. */
  function talk() {
    sound = sound.then(async () => {
      for (;;) {
        age()
        const row = rows.findLast(one => one.status === 'waiting')
        if (row === undefined || !isAudible() || settings.volume === 0) return
        mark(row, 'speaking')
        const how = await tryPlay({ text: row.text, lang: row.lang, volume: settings.volume })
        if (how === 'silent') return mark(row, 'waiting')
        if (how === 'broken') {
          mark(row, 'unsure')
          continue
        }
        mark(row, heard[how])
        say('ack', { message_id: row.id, status: 'played' })
      }
    })
  }

  /** Whatever became too old by time alone. */
  function age() {
    const old = rows.filter(row => row.status === 'waiting' && row.until < now())
    for (const row of old) row.status = 'late'
    const isOver = qr?.state === 'open' && qr.until !== null && qr.until < now()
    const isLost = qr?.state === 'asking' && qr.at + answerMsMax < now()
    if (isOver) qr = { ...qr, state: 'expired' }
    if (isLost) qr = { ...qr, state: 'refused', why: '' }
    if (old.length > 0) keep()
    else if (isOver || isLost) onChange()
  }

  return {
    rows,
    settings,
    get qr() {
      return qr
    },
    hear(kind, json) {
      const told = recordIn(json)
      if (told !== null) own(hears, kind)?.(told)
    },
    age,
    talk,
    /** The line stands again. */
    connected() {
      if (qr?.state === 'asking')
        say('dynamic-qr/request', { request_id: qr.id, amount: qr.amount })
    },
    askQr(amount) {
      qr = { id: newId(), amount, state: 'asking', at: now() }
      say('dynamic-qr/request', { request_id: qr.id, amount })
      onChange()
    },
    dropQr() {
      qr = null
      onChange()
    },
    beat(battery) {
      const known = battery === null ? {} : { battery_level: battery }
      say('heartbeat', {
        timestamp: new Date(now()).toISOString(),
        ...known,
        firmware: 'kotak-web-1',
      })
    },
  }
}

const own = (table, name) => (Object.hasOwn(table, name) ? table[name] : undefined)
const done = { status: 'done' }
const failed = message => ({ status: 'failed', message })

const isWord = value => typeof value === 'string' && value !== '' && value.length <= 100
const isPercent = value => Number.isInteger(value) && value >= 0 && value <= 100
const isLanguage = value => typeof value === 'string' && /^[a-z]{2,3}$/.test(value)
const isBeat = value => Number.isInteger(value) && value >= 10 && value <= 3_600

const isSensible = ({ volume, language, heartbeat_s }) =>
  (volume === undefined || isPercent(volume)) &&
  (language === undefined || isLanguage(language)) &&
  (heartbeat_s === undefined || isBeat(heartbeat_s))

const numberIn = value => (Number.isSafeInteger(value) ? value : null)
const textIn = value => (typeof value === 'string' ? value.slice(0, 400) : '')

function momentIn(value) {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? null : at
}

function recordIn(json) {
  try {
    const value = JSON.parse(json)
    return typeof value === 'object' && value !== null ? value : null
  } catch {
    return null
  }
}
