import { app } from './app.svelte'
import { path, windowParams } from './period'
import { route } from './route.svelte'

/** The path of a query for the period and the policy of the page; nothing until the zone is known. */
export function question(params: Record<string, string | readonly string[] | undefined>, window?: Record<string, string>): string | undefined {
  if (!app.status.data) return undefined
  return path('query', { ...params, policy: route.get('policy'), ...(window ?? windowParams(app.period, app.now, app.zone)) })
}
