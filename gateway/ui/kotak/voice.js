/**
 * What the box can be heard with: a chime by WebAudio, and the browser's speech. It claims nothing
 * that was not heard.
 *
 *   off ──a person presses──▶ speech │ chime (this browser has no voice)
 *
 * VBV1. Nothing sounds before a person has pressed: browsers want it so. When the browser takes the
 *       sound away later, that is told.
 * VBV2. A sentence is `spoken` when it began and ended; where speech is missing, begins not, or is
 *       broken off, what rang is a `chime`; where not even that rang it was `silent`. So it is
 *       where somebody else has taken the browser's sound, such as a call.
 * VBV3. Indonesian is spoken by an Indonesian voice where there is one; that there is none is told.
 * VBV4. A browser that never spoke is not asked again for each payment; one that did is.
 */

const tags = { id: 'id-ID', en: 'en-US', jv: 'jv-ID' }
const beginMsMax = 4_000
const chimeMsMax = 3_000
const chimeGain = 0.5
/** Frequency, and when it begins in seconds. */
const notes = [
  [880, 0],
  [1_318.5, 0.16],
]
const noteS = 0.42

export function createVoice({ onChange }) {
  const synth = globalThis.speechSynthesis
  let context = null
  let canSpeak = synth !== undefined
  let hasSpoken = false
  let isTried = false
  let mode = 'off'

  synth?.addEventListener?.('voiceschanged', () => {
    canSpeak = true
    settle()
  })

  function settle() {
    const isRunning = isTried && context?.state === 'running'
    const next = isRunning ? (canSpeak ? 'speech' : 'chime') : 'off'
    const changed = next !== mode
    mode = next
    if (changed) onChange(mode)
  }

  /** Within a press. The sentence is what is heard of it. */
  async function on(sentence) {
    if (context === null) {
      context = new AudioContext()
      context.addEventListener('statechange', settle)
    }
    await context.resume()
    await play({ text: sentence, lang: 'id', volume: 60 })
    isTried = true
    settle()
    return mode
  }

  async function play({ text, lang, volume }) {
    const rang = await ring(volume).catch(() => false)
    const spoke = canSpeak && (await speak(text, lang, volume).catch(() => false))
    settle()
    return spoke ? 'spoken' : rang ? 'chime' : 'silent'
  }

  /** True once it was heard to its end. */
  async function ring(volume) {
    if (context === null || volume === 0) return false
    if (context.state !== 'running') await withinTime(context.resume(), chimeMsMax)
    if (context.state !== 'running') return false
    const loud = context.createGain()
    loud.gain.value = (chimeGain * volume) / 100
    loud.connect(context.destination)
    const ends = notes.map(([frequency, after]) => {
      const begin = context.currentTime + after
      const tone = context.createOscillator()
      const swell = context.createGain()
      tone.frequency.value = frequency
      swell.gain.setValueAtTime(0, begin)
      swell.gain.linearRampToValueAtTime(1, begin + 0.01)
      swell.gain.exponentialRampToValueAtTime(0.001, begin + noteS)
      tone.connect(swell).connect(loud)
      tone.start(begin)
      tone.stop(begin + noteS)
      return new Promise(resolve => {
        tone.onended = resolve
      })
    })
    return await withinTime(
      Promise.all(ends).then(() => true),
      chimeMsMax,
    )
  }

  async function speak(text, lang, volume) {
    if (volume === 0) return false
    return await new Promise(resolve => {
      const said = new SpeechSynthesisUtterance(text)
      const voice = voiceOf(lang)
      said.lang = tags[lang] ?? lang
      if (voice !== undefined) said.voice = voice
      said.volume = volume / 100
      let begun = false
      let limit = setTimeout(() => done(false), beginMsMax)
      const done = isHeard => {
        clearTimeout(limit)
        said.onstart = said.onend = said.onerror = null
        hasSpoken ||= isHeard
        if (!isHeard) {
          synth.cancel()
          // One that has spoken before may do it again.
          canSpeak = hasSpoken
        }
        resolve(isHeard)
      }
      said.onstart = () => {
        begun = true
        clearTimeout(limit)
        // Some engines forget to say that they are done: then it began, and its time is over.
        limit = setTimeout(() => done(false), 10_000 + text.length * 200)
      }
      said.onend = () => done(begun)
      said.onerror = () => done(false)
      synth.speak(said)
    })
  }

  const voiceOf = lang =>
    synth?.getVoices().find(one => one.lang.toLowerCase().split(/[-_]/)[0] === lang)

  return {
    on,
    play,
    get mode() {
      return mode
    },
    /** Whether it will sound foreign. */
    isForeign: lang => mode === 'speech' && voiceOf(lang) === undefined,
  }
}

const withinTime = (promise, ms) =>
  Promise.race([promise, new Promise(resolve => setTimeout(resolve, ms, false))])
