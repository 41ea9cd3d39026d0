/** What went wrong, in words for a person. */
export interface Problem {
  readonly status: number
  readonly title: string
  readonly hints: readonly string[]
}

// The dashboard is at …/ui/NAME: the API is beside it, also behind a proxy that
// serves both under a path.
const base = new URL('../api/v1/', document.baseURI)

const key = 'dendro-token'

/** The token that the person gave, kept for this tab alone; null if none is needed. */
export const token = {
  get: () => sessionStorage.getItem(key),
  set: (value: string) => sessionStorage.setItem(key, value),
  clear: () => sessionStorage.removeItem(key),
}

export function request(path: string, signal: AbortSignal, accept = 'application/json'): Promise<Response> {
  const headers: Record<string, string> = { Accept: accept }
  const given = token.get()
  if (given) headers['Authorization'] = `Bearer ${given}`
  return fetch(new URL(path, base), { headers, signal, credentials: 'omit' })
}

/** The address of an answer of the API, for people who want it themselves. */
export const address = (path: string) => new URL(path, base).href

/** Returns the text of an answer, or throws a Problem; an abort throws as fetch does. */
export async function get(path: string, signal: AbortSignal): Promise<string> {
  let answer: Response
  let text: string
  try {
    answer = await request(path, signal)
    text = await answer.text()
  } catch (error) {
    if (signal.aborted) throw error
    throw { status: 0, title: 'The server cannot be reached.', hints: ['Is dendro serve running? This page tries again by itself.'] } satisfies Problem
  }
  if (!answer.ok) throw problem(answer.status, text)
  return text
}

function problem(status: number, text: string): Problem {
  try {
    const body = JSON.parse(text) as { title?: string; detail?: string; errors?: { message?: string }[] }
    return {
      status,
      title: body.detail ?? body.title ?? `The server answered with status ${status}.`,
      hints: (body.errors ?? []).flatMap((e) => (e.message ? [e.message] : [])),
    }
  } catch {
    return { status, title: text.trim().slice(0, 300) || `The server answered with status ${status}.`, hints: [] }
  }
}

export function isProblem(error: unknown): error is Problem {
  return typeof error === 'object' && error !== null && 'title' in error && 'hints' in error
}
