/** The figures: three numbers and the last minute as a line, redrawn once a second. */

import { count, rate, text } from './text.id.js'

const samplesMax = 60
const drawEveryMs = 1_000
const announceEveryMs = 15_000
const absent = '–'
/** The drawing's own units, as in the page's viewBox. */
const [width, height] = [600, 100]

export function createBoard({ completed, accepted, open, line, area, summary }) {
  let pulse = null
  let said = ''
  const samples = []
  /** What the pulses since the last drawing said. */
  const fresh = []

  function draw() {
    if (pulse === null) return
    const since = fresh.length > 0 ? fresh.splice(0) : [pulse.completedPerS]
    samples.push(since.reduce((sum, perS) => sum + perS) / since.length)
    if (samples.length > samplesMax) samples.shift()
    const top = Math.max(1, ...samples) * 1.1
    const step = width / Math.max(1, samples.length - 1)
    const points = samples.map((v, i) => `${round(i * step)} ${round(height * (1 - v / top))}`)
    line.setAttribute('d', `M${points.join('L')}`)
    area.setAttribute('d', `M0 ${height}L${points.join('L')}L${width} ${height}Z`)
  }

  function announce() {
    if (pulse === null) return
    const sentence = text.live.summary(pulse.completedPerS, pulse.open)
    if (sentence !== said) summary.textContent = said = sentence
  }

  setInterval(draw, drawEveryMs)
  setInterval(announce, announceEveryMs)

  return {
    show(next) {
      pulse = next
      fresh.push(next.completedPerS)
      completed.textContent = rate(next.completedPerS)
      accepted.textContent = rate(next.acceptedPerS)
      open.textContent = count(next.open)
    },
    /** A number nobody vouches for any more is not shown. */
    blank() {
      pulse = null
      fresh.length = 0
      completed.textContent = accepted.textContent = open.textContent = absent
    },
  }
}

const round = n => Math.round(n * 10) / 10
