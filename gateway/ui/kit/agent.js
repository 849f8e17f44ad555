/** Browser and system out of the name that a browser gives itself. */

const browsers = [
  ['Edge', /\bEdgA?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Headless)?Chrom(?:e|ium)\/|\bCriOS\//],
  ['Safari', /\bSafari\//],
]
const systems = [
  ['Android', /Android/],
  ['iPhone', /iPhone|iPad/],
  ['Windows', /Windows/],
  ['Mac', /Macintosh/],
  ['Linux', /Linux/],
]

/** The first that fits; undefined what is not known. */
export const agentIn = agent => ({ browser: first(browsers, agent), system: first(systems, agent) })

const first = (kinds, agent) => kinds.find(([, sign]) => sign.test(agent))?.[0]
