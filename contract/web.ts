/**
 * What the web application and whoever serves it agree on: its configuration, its pages and its content security
 * policy. The local gateway and CloudFront both take it from here.
 */
import { z } from 'zod'
import { audience, imageTypes, limits, retention, scopes } from '../platform.ts'
import { notebooksPage } from './notebook-routes.ts'

/** Answer of `GET /config.json`: public, without a token, never cached for long. */
export const webConfig = z.object({
  /** The OpenID provider. */
  issuer: z.url(),
  clientId: z.string(),
  audience: z.string(),
  /** Space separated; a person is given those of their group. */
  scope: z.string(),
  imageTypes: z.array(z.string()),
  /** Larger files than this go by presigned POST. */
  directUploadBytes: z.int(),
  maxBytes: z.int(),
  /** An upload that is not completed is forgotten after this. */
  unfinishedUploadMs: z.int(),
  maxPixels: z.int(),
  retentionDays: z.number(),
  /** Where analysts find the notebooks: as pages beside this one, in a Databricks workspace, or not at all. */
  notebooks: z.discriminatedUnion('at', [
    z.object({ at: z.literal('here') }),
    z.object({
      at: z.literal('workspace'),
      folder: z.string(),
      /** `https://…` of the workspace, where whoever deploys has named it. */
      url: z.url().nullable(),
    }),
    z.object({ at: z.literal('nowhere') }),
  ]),
})
export type WebConfig = z.infer<typeof webConfig>

export type NotebooksPlace = WebConfig['notebooks']

/** @param identity the provider's issuer, and the web application's client there */
export const webConfigFor = (
  identity: { readonly issuer: string; readonly clientId: string },
  notebooks: NotebooksPlace,
): WebConfig => ({
  issuer: identity.issuer,
  clientId: identity.clientId,
  audience,
  scope: ['openid', ...Object.values(scopes)].join(' '),
  imageTypes: Object.keys(imageTypes),
  directUploadBytes: limits.directUploadBytes,
  maxBytes: limits.presignedUploadBytes,
  unfinishedUploadMs: retention.unfinishedUploads,
  maxPixels: limits.imagePixels,
  retentionDays: retention.images / 86_400_000,
  notebooks,
})

/** Where the identity provider sends people back to. */
export const callbackPage = '/signed-in'

/** Where the web application's `index.html` is the answer; everything else in `dist/web` is a file by its own name. */
export const webPages = ['/', callbackPage, '/console', '/purges', '/you', notebooksPage] as const

/**
 * @param origins of the OpenID provider (tokens) and of the lake (presigned uploads and renditions)
 * @returns the value of the `Content-Security-Policy` header for the web application's pages
 */
export const contentSecurityPolicy = (origins: { readonly identity: string; readonly lake: string }): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    `img-src 'self' blob: data: ${origins.lake}`,
    // Web Awesome's built-in icons are data: addresses that it fetches.
    `connect-src 'self' data: ${origins.identity} ${origins.lake}`,
    "media-src 'self' blob:",
    `form-action 'self' ${origins.identity}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ')
