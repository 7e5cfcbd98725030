/** Operations on what one person keeps, and the one page for people without an account. */
import { imageOrders, limits, scopes } from '../platform.ts'
import type { OpenApiDocument, Parameter } from './openapi.ts'
import { json, jsonBody, operation, problemResponse, publicOperation } from './parts.ts'
import * as schemas from './personal-schemas.ts'

const query = (name: string, description: string, schema: object): Parameter => ({
  name,
  in: 'query',
  required: false,
  description,
  schema,
})
const words = { type: 'string', minLength: 1, maxLength: 200 }
const moment = { type: 'string', maxLength: 40 }

/** Which of one's images are meant; all that are given must hold. */
export const imageFilter: readonly Parameter[] = [
  query('status', 'One or several, with commas between them', words),
  query('type', 'Content types, with commas between them', words),
  query('name', "A part of the file's own name, whatever its case", words),
  query('camera', 'The camera, as the list of cameras names it', words),
  query('from', 'Received at this time or later (ISO 8601)', moment),
  query('to', 'Received before this time (ISO 8601)', moment),
  query('min_bytes', 'Size of the original', { type: 'integer', minimum: 0 }),
  query('max_bytes', 'Size of the original', { type: 'integer', minimum: 0 }),
]

export const imageOrder = query('order', 'newest where it is not given', { type: 'string', enum: [...imageOrders] })

const imageId: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The image id',
  schema: { type: 'string', minLength: 36, maxLength: 36 },
}
const unknownImage = problemResponse('There is no such image, or it is not yours')

export const personalPaths: OpenApiDocument['paths'] = {
  '/images/{id}/links': {
    post: operation('images', scopes.imagesWrite, limits.jsonBodyBytes, {
      operationId: 'shareImage',
      summary: 'Make a link by which anybody sees one rendition for a time',
      tags: ['images'],
      parameters: [imageId],
      requestBody: jsonBody(schemas.linkRequest),
      responses: {
        201: json('The link, whose address is told this once', schemas.link),
        404: unknownImage,
        409: problemResponse('The image is not ready, or has as many links as it may'),
      },
    }),
  },
  '/images/{id}/links/{link}': {
    delete: operation('images', scopes.imagesWrite, 0, {
      operationId: 'revokeLink',
      summary: 'End a link now',
      tags: ['images'],
      parameters: [
        imageId,
        { name: 'link', in: 'path', required: true, description: "The link's id", schema: { ...words, maxLength: 64 } },
      ],
      responses: { 200: json('Whether there was such a link', schemas.revoked), 404: unknownImage },
    }),
  },
  '/erasures': {
    post: operation('images', scopes.imagesWrite, limits.jsonBodyBytes, {
      operationId: 'eraseImages',
      summary: 'Erase several images now; each succeeds or fails by itself',
      tags: ['images'],
      requestBody: jsonBody(schemas.bulkErasureRequest),
      responses: { 200: json('What is gone, and what failed for which reason', schemas.bulkErased) },
    }),
  },
  '/profile': {
    get: operation('images', scopes.imagesRead, 0, {
      operationId: 'getProfile',
      summary: 'What the platform knows about the person who asks, and how long each trace lasts',
      tags: ['profile'],
      responses: { 200: json('What is known', schemas.profile) },
    }),
    delete: operation('images', scopes.imagesWrite, 0, {
      operationId: 'eraseEverything',
      summary: 'Erase all images of the person who asks, for as long as a request lasts; repeat it until none is left',
      tags: ['profile'],
      parameters: [
        {
          name: 'confirm',
          in: 'query',
          required: true,
          description: 'The word `everything`, so that no slip of a client erases a person',
          schema: { type: 'string', enum: ['everything'] },
        },
      ],
      responses: { 200: json('What is gone, and what is left', schemas.everythingErased) },
    }),
  },
  '/profile/usage': {
    get: operation('images', scopes.imagesRead, 0, {
      operationId: 'getUsage',
      summary: 'How much one keeps, of how much; how many match a filter; what there is to filter by',
      tags: ['profile'],
      parameters: [...imageFilter],
      responses: { 200: json('The use of the quota', schemas.usage) },
    }),
  },
  '/shared/{token}': {
    get: publicOperation(
      'images',
      'People without an account open it: the unguessable token is what entitles them, to one rendition, for a time',
      {
        operationId: 'showShared',
        summary: 'A page with one rendition, for whoever has the link',
        tags: ['shared'],
        parameters: [
          {
            name: 'token',
            in: 'path',
            required: true,
            description: 'As the link has it',
            schema: { type: 'string', minLength: 1, maxLength: 200 },
          },
        ],
        responses: {
          200: { description: 'The page (HTML)' },
          404: { description: 'A page that says that there is no such link any more (HTML)' },
          410: { description: 'A page that says that the link has ended (HTML)' },
        },
      },
    ),
  },
}
