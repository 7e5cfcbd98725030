/** Operations on images. */
import { imageTypes, limits, retention, scopes } from '../platform.ts'
import type { OpenApiDocument, Parameter } from './openapi.ts'
import { json, jsonBody, operation, pageLimit, problemResponse, ref } from './parts.ts'
import { imageFilter, imageOrder } from './personal-paths.ts'
import * as schemas from './schemas.ts'

const idParameter: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The image id, as the upload returned it',
  schema: { type: 'string', minLength: 36, maxLength: 36 },
}
const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Repeating a request with the same key returns the first answer and stores nothing twice',
  schema: { type: 'string', minLength: 1, maxLength: limits.idempotencyKeyLength },
}

const binary = Object.fromEntries(
  Object.keys(imageTypes).map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
)

export const imagePaths: OpenApiDocument['paths'] = {
  '/images': {
    post: operation('upload', scopes.imagesWrite, limits.directUploadBytes, {
      operationId: 'uploadImage',
      summary: 'Upload an image of up to 4 MiB',
      tags: ['images'],
      parameters: [
        idempotencyKey,
        {
          name: 'X-File-Name',
          in: 'header',
          required: false,
          description: "The file's own name, percent-encoded UTF-8",
          schema: { type: 'string', minLength: 1, maxLength: 3 * limits.fileNameLength },
        },
        {
          name: 'X-Retention-Seconds',
          in: 'header',
          required: false,
          description: 'How long the image is to be kept, where that is less than the promise',
          schema: { type: 'integer', minimum: retention.least / 1000, maximum: retention.images / 1000 },
        },
        {
          name: 'Content-Digest',
          in: 'header',
          required: false,
          description: 'sha-256=:<base64>: as in RFC 9530; a body that does not match is refused',
          schema: { type: 'string', maxLength: 200 },
        },
      ],
      requestBody: { required: true, content: binary },
      responses: {
        202: json('Object and row are durable; processing has been asked for', schemas.accepted),
        409: problemResponse('The same Idempotency-Key is in use for another request'),
      },
    }),
    get: operation('images', scopes.imagesRead, 0, {
      operationId: 'listImages',
      summary:
        "List one's own images, by a filter and in an order; a page may hold fewer than asked for and still have a next",
      tags: ['images'],
      parameters: [
        pageLimit,
        {
          name: 'cursor',
          in: 'query',
          required: false,
          description: 'next_cursor of the page before',
          schema: { type: 'string', maxLength: 1024 },
        },
        imageOrder,
        ...imageFilter,
      ],
      responses: { 200: json('A page of images', schemas.imagePage) },
    }),
  },
  '/images/changes': {
    get: operation('changes', scopes.imagesRead, 0, {
      operationId: 'waitForChanges',
      summary: "One's images whose status has changed since a cursor; the answer waits until there is one",
      tags: ['images'],
      parameters: [
        {
          name: 'cursor',
          in: 'query',
          required: false,
          description: 'cursor of the answer before; without it, what changes from now on',
          schema: { type: 'string', maxLength: limits.cursorLength },
        },
        {
          name: 'wait',
          in: 'query',
          required: false,
          description: 'Seconds to wait for a change; 0 where it is not given',
          schema: { type: 'integer', minimum: 0, maximum: limits.changesWaitSeconds },
        },
      ],
      responses: { 200: json('What has changed; nothing, where the time is over', schemas.imageChanges) },
    }),
  },
  '/images/duplicates': {
    post: operation('images', scopes.imagesRead, limits.jsonBodyBytes, {
      operationId: 'findDuplicates',
      summary: "Which of these checksums one's own images have, asked before anything is sent",
      tags: ['images'],
      requestBody: jsonBody(schemas.duplicatesRequest),
      responses: { 200: json('An image for each checksum that is known', schemas.duplicates) },
    }),
  },
  '/images/{id}': {
    get: operation('images', scopes.imagesRead, 0, {
      operationId: 'getImage',
      summary: 'Status with its timeline, metadata and links to renditions',
      tags: ['images'],
      parameters: [idParameter],
      responses: {
        200: json('The image', schemas.image),
        404: problemResponse('There is no such image, or it is not yours'),
      },
    }),
    delete: operation('images', scopes.imagesWrite, 0, {
      operationId: 'eraseImage',
      summary: 'Erase an image now: every version of every object, metadata and row',
      tags: ['images'],
      parameters: [idParameter],
      responses: {
        200: json('What was erased', schemas.erasure),
        404: problemResponse('There is no such image, or it is not yours'),
      },
    }),
  },
  '/uploads': {
    post: operation('upload', scopes.imagesWrite, limits.jsonBodyBytes, {
      operationId: 'startUpload',
      summary: 'Ask for a presigned POST for an image of up to 100 MiB',
      tags: ['images'],
      parameters: [idempotencyKey],
      requestBody: { required: true, content: { 'application/json': { schema: ref(schemas.uploadRequest) } } },
      responses: {
        201: json('Where and how to send the file', schemas.uploadTicket),
        409: problemResponse('The same Idempotency-Key is in use for another request'),
      },
    }),
  },
  '/uploads/multipart': {
    post: operation('upload', scopes.imagesWrite, limits.jsonBodyBytes, {
      operationId: 'startMultipartUpload',
      summary: 'Start an upload in parts, which can be gone on with after a break',
      tags: ['images'],
      parameters: [idempotencyKey],
      requestBody: jsonBody(schemas.uploadRequest),
      responses: {
        201: json('The parts, and where to send them', schemas.multipartUpload),
        409: problemResponse('The same Idempotency-Key is in use for another request'),
        410: problemResponse('The upload that the Idempotency-Key stands for has been given up'),
      },
    }),
  },
  '/uploads/{id}': {
    delete: operation('images', scopes.imagesWrite, 0, {
      operationId: 'abortUpload',
      summary: 'Give an upload up: whatever has arrived of it is deleted',
      tags: ['images'],
      parameters: [idParameter],
      responses: {
        200: json('What was deleted', schemas.erasure),
        404: problemResponse('There is no such upload, or it is not yours'),
        409: problemResponse('The upload has been completed'),
      },
    }),
  },
  '/uploads/{id}/parts': {
    get: operation('upload', scopes.imagesWrite, 0, {
      operationId: 'listUploadParts',
      summary: 'Which parts have arrived, with fresh links for the others',
      tags: ['images'],
      parameters: [idParameter],
      responses: {
        200: json('The parts, and where to send those that are missing', schemas.multipartUpload),
        404: problemResponse('There is no such upload in parts, or it is not yours'),
      },
    }),
  },
  '/uploads/{id}/complete': {
    post: operation('upload', scopes.imagesWrite, limits.jsonBodyBytes, {
      operationId: 'completeUpload',
      summary: 'Say that the file has been sent: it is checked, recorded and published',
      tags: ['images'],
      parameters: [idParameter],
      responses: {
        202: json('Object and row are durable; processing has been asked for', schemas.accepted),
        404: problemResponse('There is no such upload, or it is not yours'),
        409: problemResponse('The file, or a part of it, has not arrived, or it is not the one that was announced'),
      },
    }),
  },
}
