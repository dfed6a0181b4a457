import type { NewSavedView, SavedView, SavedViewList, SavedViewUpdate } from '../../src/api/generated/types.gen'
import { type Db, newId, now } from '../db'
import { Refusal, type Routes } from '../http'

const base = '/api/v1/views'

/** Lists as somebody wants to see them again. */
export function views(routes: Routes, db: () => Db): void {
  const theView = (id: string | undefined): SavedView => {
    const view = db().views.find((one) => one.id === id)
    if (!view) throw new Refusal(404, 'Not Found', { detail: 'there is no such view' })
    return view
  }
  const free = (page: string, name: string, but?: SavedView) => {
    if (db().views.some((one) => one !== but && one.page === page && one.name === name))
      throw new Refusal(409, 'Conflict', { detail: 'there is a view of this name' })
  }
  routes
    .on(`GET ${base}`, ({ query }): SavedViewList => {
      const page = query.get('page')
      const items = db().views.filter((view) => !page || view.page === page)
      return { items: items.sort((a, b) => a.name.localeCompare(b.name)) }
    })
    .on(`POST ${base}`, async ({ json }): Promise<SavedView> => {
      const body = await json<NewSavedView>()
      free(body.page, body.name)
      const view = { ...body, id: newId('view'), created_at: now(), updated_at: now() }
      db().views.push(view)
      return view
    })
    .on(`PATCH ${base}/{id}`, async ({ path, json }): Promise<SavedView> => {
      const view = theView(path.id)
      const { name, query } = await json<SavedViewUpdate>()
      if (name) free(view.page, name, view)
      return Object.assign(view, { name: name ?? view.name, query: query ?? view.query, updated_at: now() })
    })
    .on(`DELETE ${base}/{id}`, ({ path }) => {
      const view = theView(path.id)
      db().views = db().views.filter((one) => one !== view)
    })
}
