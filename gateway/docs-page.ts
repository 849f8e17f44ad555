/**
 * The reference page: one fold per operation, from the same document that programs read. Without a
 * script it is whole and readable; `ui/docs.js` adds the search field and the copy buttons.
 *
 * GY1. Nothing reaches the page without being escaped.
 * OAF1. What may be copied works as it stands, once address, key and secret are put in.
 */

import { meanings } from './answer.ts'
import { type Described, methodOf, nameOf, refusalsOf, summaryOf, usual } from './openapi.ts'
import { codeText } from './text/codes.id.ts'
import { docsText, topicNotes, topicText } from './text/docs.id.ts'

type Json = { readonly [name: string]: unknown }
type Field = { readonly name: string; readonly type: string; readonly needed: boolean }

export function docsPage(rows: readonly Described[], document: Json, url: string): string {
  const topics = [...new Set(rows.map(one => one.topic))]
  const chapters = topics.map(topic => {
    const note = topicNotes[topic]
    const own = rows.filter(one => one.topic === topic)
    return `<section class="topic" id="${topic}"><h2>${escaped(topicText[topic])}</h2>
${note === undefined ? '' : `<p class="note">${escaped(note)}</p>`}
${own.map(one => fold(one, document, url)).join('\n')}</section>`
  })
  const links = topics.map(topic => `<li><a href="#${topic}">${escaped(topicText[topic])}</a></li>`)
  const { title, intro, start, search, nothing, contents, home, copy, copied } = docsText
  return `<!doctype html>
<html lang="id">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="/ui/icon.svg">
<link rel="stylesheet" href="/ui/docs.css">
<script type="module" src="/ui/docs.js"></script>
</head>
<body data-copy="${escaped(copy)}" data-copied="${escaped(copied)}">
<aside>
<a class="brand" href="/">Laju <small>API</small></a>
<input id="search" type="search" placeholder="${escaped(search)}" autocomplete="off" hidden
 aria-label="${escaped(search)}">
<details id="contents" open><summary>${contents}</summary>
<nav><ol><li><a href="#start">${start}</a></li>${links.join('')}</ol></nav></details>
</aside>
<main>
<header id="start"><h1>${escaped(title)}</h1><p>${escaped(intro)}</p>
<p><a href="/api/v1/openapi.json">openapi.json</a> · <a href="/">${home}</a></p>
${opening(url)}
</header>
<p id="nothing" hidden>${escaped(nothing)}</p>
${chapters.join('\n')}
</main>
</body>
</html>
`
}

/** What everybody has to know once. */
function opening(url: string): string {
  const { signingTitle, signing, signingParts, shell, shellNeeds, retryTitle, retry } = docsText
  const { answersTitle, answers, usualTitle, usual: usualText } = docsText
  return `<h2>${signingTitle}</h2>
<p><code>${escaped(signing)}</code></p>
<ol>${signingParts.map(part => `<li>${escaped(part)}</li>`).join('')}</ol>
<p>${escaped(shell)} <small>${escaped(shellNeeds)}</small></p>
<pre class="code" id="shell">${escaped(shellOf(url))}</pre>
<h2>${retryTitle}</h2><p>${escaped(retry)}</p>
<h2>${answersTitle}</h2><p>${escaped(answers)}</p>
<pre>${escaped(envelopes)}</pre>
<details class="usual"><summary>${usualTitle}</summary><p>${escaped(usualText)}</p>
${refusalTable(usual)}</details>`
}

const envelopes = `{"code":200,"status":"success","message":"…","data":{…},"request_id":"…"}
{"code":402,"status":"error","error_code":"INSUFFICIENT_BALANCE","message":"…",
 "money_effect":"none","retryable":false,"request_id":"…","timestamp":"…"}`

/** Signs and sends: method, path with query, body, and the body's type when it is not JSON. */
export const shellOf = (url: string): string => `LAJU_URL='${url}'
LAJU_KEY='…'
LAJU_SECRET='…'
laju() {
  local method=$1 path=$2 body=\${3-} at=$(date +%s) sign
  sign=$(printf %s "$at.$method.$path.$body" |
    openssl dgst -sha256 -hmac "$LAJU_SECRET" -r | cut -d' ' -f1)
  curl -sS -X "$method" "$LAJU_URL$path" -H "X-Api-Key: $LAJU_KEY" \\
    -H "X-Timestamp: $at" -H "X-Signature: $sign" \\
    \${body:+-H "Content-Type: \${4-application/json}" --data-binary "$body"}
}`

function fold(row: Described, document: Json, url: string): string {
  const { path, told, signed, roles } = row
  const described = at(document, 'paths', path, methodOf(row.verb))
  const parameters = (described['parameters'] ?? []) as readonly Json[]
  const asked = [
    ...parameters.map(one => ({
      name: String(one['name']),
      type: typeOf(one['schema'] as Json),
      needed: one['required'] === true,
    })),
    ...fieldsOf(contentOf(at(described, 'requestBody'))),
  ]
  const whole = contentOf(at(described, 'responses', '200'))
  const answered = told === undefined ? at(whole, 'properties', 'data') : whole
  const { request, example, answer } = docsText
  const access = [
    signed ? docsText.signed : docsText.open,
    ...(roles === undefined ? [] : [`${docsText.roles} ${roles.join(', ')}`]),
  ]
  const method = methodOf(row.verb)
  return `<details class="op" id="${escaped(nameOf(row))}"><summary><b class="${method}">${method.toUpperCase()}</b>
<code>${escaped(path).replaceAll('/', '/<wbr>')}</code><span>${escaped(summaryOf(row))}</span></summary>
<p class="access">${escaped(access.join(' · '))}</p>
${asked.length === 0 ? '' : `<h4>${request}</h4>${table(asked, docsText.needed)}`}
<h4>${example}</h4><pre class="code">${escaped(curlOf(row, url))}</pre>
<h4>${told === undefined ? answer : docsText.told}</h4>${answerIn(row, answered)}
${refusalsIn(row)}</details>`
}

function answerIn({ told }: Described, schema: Json): string {
  if (told?.example !== undefined) return `<pre>${escaped(told.example)}</pre>`
  const fields = fieldsOf(schema)
  if (fields.length > 0) return table(fields, docsText.always)
  return `<p><code>${escaped(told?.type ?? typeOf(schema))}</code></p>`
}

function refusalsIn(row: Described): string {
  const own = refusalsOf(row).filter(code => !usual.includes(code))
  if (own.length === 0) return ''
  const beside = row.signed ? `<p>${docsText.beside}</p>` : ''
  return `<h4>${docsText.refusals}</h4>${refusalTable(own)}${beside}`
}

function refusalTable(codes: ReturnType<typeof refusalsOf>): string {
  const rows = codes.map(
    code =>
      `<tr><td><code>${code}</code></td><td>${meanings[code].http}</td><td>${escaped(codeText[code])}</td></tr>`,
  )
  return `<div class="wide"><table>${rows.join('')}</table></div>`
}

/** One line of shell: with `laju` where a signature is needed, with plain curl where not. */
export function curlOf(row: Described, url: string): string {
  const { verb, path, signed, bodyType, example } = row
  const { params, query, body } = example
  let address = path
  for (const name in params) address = address.replace(`{${name}}`, params[name]!)
  const asked = new URLSearchParams(query).toString()
  if (asked !== '') address += `?${asked}`
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body, null, 2)
  if (signed) {
    const words = [methodOf(verb).toUpperCase(), inShell(address)]
    if (text !== undefined) words.push(inShell(text))
    if (bodyType !== undefined) words.push(bodyType)
    return `laju ${words.join(' ')}`
  }
  if (text === undefined) return `curl -sS ${inShell(url + address)}`
  const type = inShell(`Content-Type: ${bodyType ?? 'application/json'}`)
  return `curl -sS ${inShell(url + address)} \\\n  -H ${type} \\\n  --data-binary ${inShell(text)}`
}

const inShell = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

function table(fields: readonly Field[], needed: string): string {
  const { field, type, yes, no, any } = docsText
  const rows = fields.map(
    one =>
      `<tr><td><code>${escaped(one.name)}</code></td><td>${escaped(one.type || any)}</td><td>${one.needed ? yes : no}</td></tr>`,
  )
  return `<div class="wide"><table><tr><th>${field}</th><th>${type}</th><th>${needed}</th></tr>${rows.join('')}</table></div>`
}

function contentOf(part: Json): Json {
  const [content = {}] = Object.values(at(part, 'content')) as Json[]
  return at(content, 'schema')
}

/** The fields of an object, those of objects inside it by their path. */
function fieldsOf(schema: Json, prefix = ''): Field[] {
  const choices = choicesOf(schema)
  if (choices !== undefined) return once(choices.flatMap(one => fieldsOf(one, prefix)))
  const properties = (schema['properties'] ?? {}) as Record<string, Json>
  const required = (schema['required'] ?? []) as readonly string[]
  return Object.entries(properties).flatMap(([name, inner]) => {
    const path = `${prefix}${name}`
    const field = { name: path, type: typeOf(inner), needed: required.includes(name) }
    const items = inner['items'] as Json | undefined
    return [field, ...fieldsOf(items ?? inner, items === undefined ? `${path}.` : `${path}[].`)]
  })
}

/** What is in several of the choices stands there once. */
function once(fields: readonly Field[]): Field[] {
  return [...new Map(fields.map(one => [`${one.name} ${one.type}`, one])).values()]
}

function typeOf(schema: Json): string {
  if (Array.isArray(schema['enum'])) return schema['enum'].filter(one => one !== '').join(' | ')
  if (schema['const'] !== undefined) return String(schema['const'])
  const choices = choicesOf(schema)
  if (choices !== undefined) return [...new Set(choices.map(typeOf))].filter(Boolean).join(' | ')
  const format = schema['format'] === undefined ? '' : ` (${String(schema['format'])})`
  return `${String(schema['type'] ?? '')}${format}`
}

const choicesOf = (schema: Json): readonly Json[] | undefined =>
  (schema['anyOf'] ?? schema['oneOf']) as readonly Json[] | undefined

function at(json: Json, ...names: readonly string[]): Json {
  let found: Json = json
  for (const name of names) found = (found[name] ?? {}) as Json
  return found
}

const signs: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replace(/[&<>"']/g, sign => signs[sign]!)
