/** What is asked along with an address; what is empty is left out. */

export const query = asked => {
  const wanted = Object.entries(asked).filter(([, value]) => value !== undefined && value !== '')
  return wanted.length === 0 ? '' : `?${new URLSearchParams(wanted)}`
}
