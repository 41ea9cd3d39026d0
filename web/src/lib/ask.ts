import { app } from './app.svelte'
import { path, windowParams } from './period'
import { route } from './route.svelte'

/** Hosts or services, which are never added up: as chosen, else services where the page is of them. */
export function perimeter(): string {
  const ofServices = route.page === 'services' || (route.page === 'explore' && route.get('by').split(',').includes('service'))
  return route.get('perimeter') || (ofServices ? 'services' : '')
}

/** The path of a query for the period and the policy of the page; nothing until the zone is known. */
export function question(params: Record<string, string | readonly string[] | undefined>, window?: Record<string, string>): string | undefined {
  if (!app.status.data) return undefined
  return path('query', { ...params, policy: route.get('policy'), perimeter: perimeter(), ...(window ?? windowParams(app.period, app.now, app.zone)) })
}
