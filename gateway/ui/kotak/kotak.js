/**
 * The box in the browser: its face, and the wires between line, voice and what it does.
 *
 *   a person ─press─▶ voice            line ─hear─▶ box ─say─▶ line
 *           ─credential─▶ line                      box ─play─▶ voice
 *
 * VBK1. Three things in this order, each with one button: sound, credential, a payment. What is
 *       done goes out of the way.
 * VBK2. The credential stays in this tab and ends with it; what was heard stays in this browser.
 * VBK3. The lamp and the sentence say how it really is: a wrong secret, no network, another window,
 *       no speech.
 * VBK4. The demo's credential and customer are there where the server offers them, else no trace.
 * VBK5. The page is under 70 kB before any compression, the QR code apart, which comes when asked.
 * VBK6. Every sentence comes from text.id.js, or with a payment.
 */

import { fill, h } from '../kit/dom.js'
import { amountIn, amountMax, hourOf, rupiah, secondOf } from '../kit/format.js'
import { grouping } from '../kit/grouping.js'
import { tooMuch } from '../kit/text-amount.id.js'
import { createBox } from './box.js'
import { openLine } from './line.js'
import { text } from './text.id.js'
import { createVoice } from './voice.js'

const shownMax = 8
const sweepMs = 1_000
const freshMs = 60_000
const badCredential = 4
const isWide = matchMedia('(min-width: 900px)')

const byId = id => document.getElementById(id)
const sentence = path => path.split('.').reduce((node, name) => node[name], text)
for (const node of document.querySelectorAll('[data-text]')) {
  node.textContent = sentence(node.dataset.text)
}
for (const node of document.querySelectorAll('[data-label]')) {
  node.setAttribute('aria-label', sentence(node.dataset.label))
}
document.title = `${text.title} · ${text.name}`

let line = null
let box = null
let deviceId = ''
let demo = null
let skewMs = 0
let beat = 0
let drawn = ''
const now = () => Date.now() - skewMs

const voice = createVoice({
  onChange() {
    showSound()
    box?.talk()
    show()
  },
})

// -- sound ---------------------------------------------------------------------------------------

byId('sound-go').onclick = async ({ target }) => {
  if (target.disabled) return
  target.disabled = true
  target.textContent = text.sound.busy
  const mode = await voice.on(text.sound.hello).catch(() => 'off')
  target.disabled = false
  target.textContent = text.sound.go
  notice('sound-blocked', mode === 'off' ? text.sound.blocked : '')
  box?.talk()
}

function showSound() {
  const { mode } = voice
  const isForeign = voice.isForeign('id')
  document.body.dataset.sound = mode
  byId('sound-card').hidden = mode !== 'off'
  const isMute = mode !== 'off' && box?.settings.volume === 0
  const words = isMute ? text.sound.mute : isForeign ? text.sound.foreign : text.sound[mode]
  notice('sound-note', mode === 'off' ? '' : words, isMute || mode === 'chime' ? 'warn' : 'good')
}

// -- line ----------------------------------------------------------------------------------------

byId('line').onsubmit = event => {
  event.preventDefault()
  const [id, secret] = ['device', 'secret'].map(name => byId(name).value.trim())
  if (id === '') return complain('device', text.line.needId)
  if (secret === '') return complain('secret', text.line.needSecret)
  start(id, secret)
}
byId('demo-go').onclick = () => {
  byId('device').value = demo.device_id
  byId('secret').value = demo.secret
  start(demo.device_id, demo.secret)
}
byId('here-go').onclick = () => start(byId('device').value, byId('secret').value)
byId('forget').onclick = () => {
  keepCredential(null)
  leave()
  byId('secret').value = ''
  onState('off')
}
const peek = byId('secret-show')
peek.textContent = text.line.show
peek.onclick = () => {
  const isOpen = byId('secret').type === 'text'
  byId('secret').type = isOpen ? 'password' : 'text'
  peek.textContent = isOpen ? text.line.show : text.line.hide
}

function complain(name, words) {
  notice('line-note', words)
  byId(name).focus()
}

function start(id, secret) {
  leave()
  deviceId = id
  notice('line-note', '')
  box = createBox({
    store: storeOf(`kotak ${id}`),
    say: (kind, payload) => line?.say(kind, payload) ?? false,
    play: voice.play,
    isAudible: () => voice.mode !== 'off',
    now,
    newId: () => [...crypto.getRandomValues(new Uint32Array(4))].map(n => n.toString(36)).join('-'),
    onChange: show,
    // What it says about the command goes out first.
    onReboot: () => setTimeout(() => line?.again(), 300),
  })
  line = openLine({
    url: `${location.origin.replace(/^http/, 'ws')}/mqtt`,
    ...{ deviceId: id, secret },
    onMessage: box.hear,
    onState(state, code) {
      if (state === 'connected') keepCredential({ id, secret })
      onState(state, code)
    },
  })
}

function leave() {
  clearTimeout(beat)
  line?.close()
  line = null
  box = null
  drawn = ''
}

function onState(state, code = 0) {
  document.body.dataset.line = state
  byId('lamp-text').textContent = text.lamp[state]
  const isIn = state === 'connected' || state === 'lost' || (state === 'connecting' && hasBeenIn)
  hasBeenIn = isIn
  byId('line-card').hidden = isIn
  byId('qr-card').hidden = byId('list-card').hidden = !isIn
  byId('line').hidden = state === 'elsewhere'
  byId('demo').hidden = demo === null || state === 'elsewhere'
  byId('here-go').hidden = state !== 'elsewhere'
  if (state === 'refused') {
    keepCredential(null)
    notice('line-note', code === badCredential ? text.line.wrong : text.line.barred)
  }
  if (state === 'elsewhere') notice('line-note', text.line.elsewhere, 'warn')
  clearTimeout(beat)
  if (state === 'connected') {
    void measureSkew()
    box?.connected()
    void sayAlive()
  }
  show()
}
let hasBeenIn = false

async function sayAlive() {
  const mine = box
  const battery = await navigator.getBattery?.().catch(() => null)
  if (mine === null || mine !== box || document.body.dataset.line !== 'connected') return
  mine.beat(battery ? Math.round(battery.level * 100) : null)
  beat = setTimeout(sayAlive, mine.settings.heartbeat_s * 1_000)
}

/** A phone whose clock is wrong must not take young payments for old ones. */
async function measureSkew() {
  const answer = await fetch('/health').catch(() => null)
  const told = Date.parse(answer?.headers.get('date') ?? '')
  // The header knows whole seconds.
  if (!Number.isNaN(told)) skewMs = Math.abs(Date.now() - told) < 2_000 ? 0 : Date.now() - told
}

function keepCredential(credential) {
  try {
    if (credential === null) sessionStorage.removeItem('kotak')
    else sessionStorage.setItem('kotak', JSON.stringify(credential))
  } catch {}
}

function keptCredential() {
  try {
    return JSON.parse(sessionStorage.getItem('kotak'))
  } catch {
    return null
  }
}

function storeOf(name) {
  return {
    read() {
      try {
        return JSON.parse(localStorage.getItem(name))
      } catch {
        return null
      }
    },
    write(value) {
      try {
        localStorage.setItem(name, JSON.stringify(value))
      } catch {}
    },
  }
}

// -- QR ------------------------------------------------------------------------------------------

for (const chip of document.querySelectorAll('[data-amount]')) {
  chip.textContent = rupiah(Number(chip.dataset.amount))
  chip.onclick = () => {
    byId('amount').value = rupiah(Number(chip.dataset.amount)).replace(/^\D+/, '')
  }
}
grouping(byId('amount'))
byId('amount').oninput = () => notice('qr-note', '')
byId('qr-form').onsubmit = event => {
  event.preventDefault()
  const amount = amountIn(byId('amount').value)
  if (!amount || amount > amountMax) {
    byId('amount').focus()
    return notice('qr-note', amount ? tooMuch(amountMax) : text.qr.needAmount)
  }
  if (box?.qr?.state !== 'asking') box?.askQr(amount)
}
byId('qr-close').onclick = () => {
  byId('amount').value = ''
  box?.dropQr()
}
byId('buyer').onclick = async ({ target }) => {
  if (target.disabled) return
  target.disabled = true
  target.textContent = text.qr.buying
  const { code } = box.qr
  const answer = await post('/demo/pay', { qr_string: code })
  target.disabled = false
  target.textContent = text.qr.buyer
  if (box?.qr?.code !== code) return
  byId('buyer-note').textContent = answer === null ? text.qr.notBought : text.qr.bought
  if (answer !== null) target.hidden = true
}

function showQr() {
  const { qr } = box
  const state = qr?.state ?? 'none'
  const isShown = ['open', 'paid', 'expired'].includes(state)
  byId('qr-form').hidden = isShown
  byId('qr-show').hidden = !isShown
  byId('qr-card').dataset.state = state
  byId('qr-go').textContent = state === 'asking' ? text.qr.asking : text.qr.go
  byId('qr-go').disabled = state === 'asking'
  if (state === 'refused') notice('qr-note', text.qr.why_not[qr.why] ?? text.qr.unanswered)
  else if (state === 'asking') notice('qr-note', '')
  const look = `${qr?.id} ${state}`
  if (!isShown || drawn === look) return
  const isNew = !drawn.startsWith(`${qr.id} `)
  drawn = look
  byId('qr-amount').textContent = rupiah(qr.amount)
  const until = qr.until === null ? '' : text.qr.until(hourOf(qr.until))
  byId('qr-until').textContent =
    state === 'open' ? until : state === 'paid' ? text.qr.paid : text.qr.expired
  byId('qr-close').textContent = state === 'open' ? text.qr.cancel : text.qr.again
  if (isNew) byId('buyer-note').textContent = demo?.can_pay ? text.qr.buyerWhy : ''
  if (state !== 'open') byId('buyer-note').textContent = ''
  if (isNew || state !== 'open') byId('buyer').hidden = state !== 'open' || !demo?.can_pay
  // On a phone the box stands above: whoever has just paid wants to see it speak.
  if (state === 'paid' && !isWide.matches) document.querySelector('.stage').scrollIntoView()
  if (isNew) {
    byId('qr-code').replaceChildren()
    const label = text.qr.label(rupiah(qr.amount))
    void import('../kit/qr.js').then(({ qrDrawing }) => {
      if (box?.qr?.id === qr.id) byId('qr-code').replaceChildren(qrDrawing(qr.code, label))
    })
  }
}

// -- face ----------------------------------------------------------------------------------------

function show() {
  showFace()
  if (box === null) return
  showSound()
  showQr()
  showList()
}

/** What is told now stands large; what was told before stands there as that. */
function showFace() {
  const row = box?.rows.find(one => one.status === 'speaking') ?? box?.rows[0]
  const isSpeaking = row?.status === 'speaking'
  const isFresh = isSpeaking || (row !== undefined && now() - row.at < freshMs)
  const { line: state, sound } = document.body.dataset
  document.body.dataset.speaking = isSpeaking
  if (row === undefined || !hasBeenIn) {
    const idle = state === 'connected' ? (sound === 'off' ? 'quiet' : 'ready') : 'off'
    face(text.screen[idle], '', '')
  } else if (row.kind === 'summary') {
    face(text.list.summary, rupiah(row.amount), isFresh ? row.text : '')
  } else if (isFresh) face(text.screen.received, rupiah(row.amount), row.text)
  else face(text.screen.last(hourOf(row.at)), rupiah(row.amount), '')
}

function face(what, amount, words) {
  write('screen-what', what)
  write('screen-amount', amount)
  write('sentence', words)
  byId('screen-amount').dataset.long = amount.length > 13
  byId('intro').hidden = words !== ''
}

/** Screen readers hear what changes: the same words again are no change. */
function write(id, words) {
  if (byId(id).textContent !== words) byId(id).textContent = words
}

function showList() {
  const shown = box.rows.slice(0, shownMax)
  fill(byId('rows'), shown.map(rowOf))
  byId('empty').hidden = shown.length > 0
  const { volume, language, version } = box.settings
  byId('about-volume').textContent = `${volume} %`
  byId('about-language').textContent = language
  byId('about-version').textContent = version === 0 ? text.about.usual : String(version)
  byId('about-id').textContent = deviceId
}

const rowOf = ({ id, kind, amount, text: words, at, status }) =>
  h(
    'li',
    { 'data-message': id, 'data-kind': kind, 'data-status': status },
    h('b', null, kind === 'summary' ? text.list.summary : rupiah(amount)),
    h('span', { class: 'soft' }, secondOf(at)),
    h('span', { class: 'soft what' }, kind === 'summary' ? words : text.list.status[status]),
  )

function notice(id, words, tone = 'bad') {
  write(id, words)
  byId(id).hidden = words === ''
  byId(id).dataset.tone = tone
}

/** The answer's data; null when there is none. */
async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return answer.ok ? (await answer.json()).data : null
  } catch {
    return null
  }
}

// -- begin ---------------------------------------------------------------------------------------

onState('off')
setInterval(() => {
  box?.age()
  showFace()
}, sweepMs)
const kept = keptCredential()
if (kept !== null) {
  byId('device').value = kept.id
  byId('secret').value = kept.secret
  start(kept.id, kept.secret)
}
demo = await post('/demo/box', {})
byId('demo').hidden = demo === null || document.body.dataset.line === 'elsewhere'
