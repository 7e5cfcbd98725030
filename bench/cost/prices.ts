/** List prices that an image's calls meet. US dollars, region us-east-1, without discounts and free tiers. */
export const lookedUp = '2026-11-23'

export type UnitPrice = { readonly dollars: number; readonly per: string; readonly source: string }

const airbyte = 'airbyte.com/data-engineering-resources/dynamodb-pricing, which cites the reduction of November 2024'
const gist =
  'gist.github.com/allenheltondev/d028926b7fe3b0656c96af9140ab55e3 and gist.github.com/sofyan-ahmad/19258041a16833a2cab17a6b2b4b3058'
const tutorial = 'appropri8-astro.pages.dev/tutorials/2025/12/02/deploying-simple-api-aws'

/** AWS's own price pages fill in their figures by a script, so that these come from others who read them. */
export const unitPrices = {
  put: { dollars: 0.005 / 1_000, per: 'PUT, POST or LIST', source: gist },
  get: { dollars: 0.004 / 10_000, per: 'GET or HEAD', source: gist },
  storage: { dollars: 0.023, per: 'GB and month in S3 Standard', source: gist },
  writeUnit: { dollars: 0.625 / 1e6, per: 'write request unit', source: airbyte },
  readUnit: { dollars: 0.125 / 1e6, per: 'read request unit', source: airbyte },
  apiRequest: { dollars: 3.5 / 1e6, per: 'request to a REST API', source: tutorial },
  invocation: { dollars: 0.2 / 1e6, per: 'invocation of a function', source: tutorial },
  /** The price for x86; Arm, which we deploy on, costs less. */
  compute: { dollars: 0.0000166667, per: 'GB and second of a function', source: tutorial },
} as const satisfies Record<string, UnitPrice>

/** What others ask for making renditions. */
export const peers = {
  'Cloudflare Images': {
    dollars: 0.5 / 1_000,
    per: 'transformation',
    source: 'apiscout.dev/blog/cloudinary-vs-imgix-vs-cloudflare-images-2026',
  },
} as const satisfies Record<string, UnitPrice>
