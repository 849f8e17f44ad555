/** Gateways, numbers and templates of chat; for staff. */

export const chatOkText = {
  chatRead: 'Data chat.',
  chatSaved: 'Perubahan disimpan.',
} as const
