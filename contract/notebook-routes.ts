/** Addresses of the notebooks. Apart from their schemas, so that the web application need not load those. */

/** The page on which analysts read them. */
export const notebooksPage = '/notebooks'

/** What the local gateway answers below it, for analysts. */
export const notebookRoutes = {
  list: `${notebooksPage}/index.json`,
  /** @param name as in the list */
  page: (name: string) => `${notebooksPage}/${name}.html`,
} as const
