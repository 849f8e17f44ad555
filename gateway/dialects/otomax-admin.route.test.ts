import { deepEqual, equal, match } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { PartnerView, ReplyTemplate, SignForm } from '../../services/contract/identity.ts'
import type { BillCodes } from '../../services/contract/postpaid.ts'
import { keyCard, Stage, send } from '../scripted.fixture.ts'
import { otomaxTemplates } from '../text/otomax.id.ts'
import { placeholders } from './otomax-template.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

/** A house that remembers its texts as the service does. */
async function house(role: 'admin' | 'reseller' = 'admin') {
  const texts = new Map<string, Map<string, ReplyTemplate>>([['', new Map()]])
  const forms = new Map<string, readonly SignForm[]>()
  const codes = new Map<string, BillCodes | null>()
  texts.set('M1', new Map())
  const view = (memberId: string | null) => {
    const own = texts.get(memberId ?? '')
    if (own === undefined) return { refused: 'NOT_FOUND', moneyEffect: 'none' } as const
    const templates = [...own.values()]
    const bills = codes.get(memberId ?? '') ?? null
    const signForms = forms.get(memberId ?? '') ?? []
    const ok: PartnerView = { memberId, templates, signForms, bills }
    return { ok }
  }
  const stage = await Stage.open({
    'identity.key': () => keyCard({ role }),
    'partner.get': ({ memberId }) => view(memberId),
    'partner.setForms': ({ memberId, signForms }) => {
      forms.set(memberId, signForms)
      return view(memberId)
    },
    'partner.setBills': ({ memberId, bills }) => {
      codes.set(memberId, bills)
      return view(memberId)
    },
    'partner.setTemplate': ({ memberId, style, outcome, body }) => {
      const own = texts.get(memberId ?? '')
      if (body === null) own?.delete(style + outcome)
      else own?.set(style + outcome, { style, outcome, body })
      return view(memberId)
    },
  })
  stages.push(stage)
  const path = '/api/v1/admin/otomax'
  return {
    stage,
    get: (tail: string) => send(stage, { path: path + tail }),
    put: (tail: string, body: unknown) => {
      const headers = { 'content-type': 'application/json' }
      return send(stage, { method: 'PUT', path: path + tail, body: JSON.stringify(body), headers })
    },
    preview: (body: unknown) =>
      send(stage, {
        method: 'POST',
        path: `${path}/templates/preview`,
        body: JSON.stringify(body),
      }),
  }
}

const success = { style: 'otomax', outcome: 'success' }
const body = 'TrxID=[trxid] [kodeproduk] ke [tujuan] SUKSES SN=[sn]'

test('otomax admin: texts: each as it is in force, and from where (OTP3)', async () => {
  const { get, put } = await house()
  const sourceOf = async (tail: string) => {
    const { body: told } = await get(`/templates${tail}`)
    const rows = told['data']!['rows'] as unknown as Record<string, string>[]
    equal(rows.length, 18)
    const { body: text, source } = rows.find(
      row => row['style'] === 'otomax' && row['outcome'] === 'success',
    )!
    return [text, source]
  }
  deepEqual(await sourceOf(''), [otomaxTemplates.otomax.success, 'built_in'])
  equal((await put('/templates', { ...success, body })).status, 200)
  deepEqual(await sourceOf(''), [body, 'house'])
  deepEqual(await sourceOf('?member_id=m1'), [body, 'house'])
  const own = `${body} punya M1`
  equal((await put('/templates', { ...success, member_id: 'm1', body: own })).status, 200)
  deepEqual(await sourceOf('?member_id=M1'), [own, 'partner'])
  deepEqual(await sourceOf(''), [body, 'house'])
  equal((await put('/templates', { ...success, member_id: 'M1', body: null })).status, 200)
  deepEqual(await sourceOf('?member_id=M1'), [body, 'house'])
  equal((await get('/templates?member_id=NOBODY')).status, 404)
  const named = (await get('/templates')).body['data']!['placeholders']
  deepEqual(
    named as unknown,
    placeholders.map(name => `[${name}]`),
  )
})

test('otomax admin: a text that misleads: refused with its flaw, nothing changed (OTP1)', async () => {
  const { put, stage } = await house()
  const flawOf = async (text: unknown) => {
    const { status, body: told } = await put('/templates', { ...success, body: text })
    equal(status, 400)
    return told['details']!['body']?.['problem'] as unknown
  }
  equal(await flawOf('SUKSES'), 'order')
  equal(await flawOf(`${body} gagal`), 'status_foreign')
  equal(await flawOf(`${body} [pin]`), 'placeholder')
  equal(await flawOf('x'.repeat(500)), undefined)
  equal((await put('/templates', { ...success, style: 'other', body })).status, 400)
  deepEqual(stage.askedOf('partner.setTemplate'), [])
})

test('otomax admin: a preview: the text of an order, and nothing is kept (OTP2)', async () => {
  const { preview, stage } = await house()
  const told = (await preview({ ...success, body })).body['data']!
  match(String(told['text']), /^TrxID=\d+ XLD10 ke 087800001230 SUKSES SN=1234567890\/CONTOH$/)
  deepEqual([told['usable'], told['flaw']] as unknown, [true, null])
  const flawed = (await preview({ ...success, body: 'SUKSES [pin]' })).body['data']!
  deepEqual([flawed['text'], flawed['usable']] as unknown, ['SUKSES [pin]', false])
  deepEqual(stage.askedOf('partner.setTemplate'), [])
})

test('otomax admin: signs that are allowed: by name, once each (OTP3)', async () => {
  const { get, put } = await house()
  const told = await put('/partners/m1', { sign_forms: ['hex', 'padded', 'hex'] })
  deepEqual(told.body['data']!['sign_forms'] as unknown, ['hex', 'padded'])
  deepEqual((await get('/partners/M1')).body['data']!['sign_forms'] as unknown, ['hex', 'padded'])
  equal((await put('/partners/M1', { sign_forms: ['anything'] })).status, 400)
  equal((await get('/partners/NOBODY')).status, 404)
})

test('otomax admin: codes for bills: the usual, then the partner’s own (OTP4)', async () => {
  const { get, put } = await house()
  const told = async () => (await get('/partners/M1')).body['data']!['bills'] as unknown
  const usual = { inquiry: ['CEK', 'INQ'], pay: ['BAYAR', 'PAY'], pair: 'number' }
  deepEqual(await told(), usual)
  const bills = { inquiry: ['tag'], pay: ['BYR'], pair: 'ref' }
  equal((await put('/partners/m1', { bills, sign_forms: ['hex'] })).status, 200)
  deepEqual(await told(), { ...bills, inquiry: ['TAG'] })
  for (const wrong of [{}, { bills: { inquiry: ['A'], pay: ['a'] } }, { bills: { pay: ['A'] } }])
    equal((await put('/partners/M1', wrong)).status, 400)
  const after = (await put('/partners/M1', { bills: null })).body['data']!
  deepEqual([after['bills'], after['sign_forms']] as unknown, [usual, ['hex']])
})

test('otomax admin: a reseller: may not come here (OTP3)', async () => {
  const { get, put, preview } = await house('reseller')
  for (const { status } of [
    await get('/templates'),
    await put('/templates', { ...success, body }),
    await preview({ ...success, body }),
    await get('/partners/M1'),
    await put('/partners/M1', { sign_forms: [] }),
  ])
    equal(status, 403)
})
