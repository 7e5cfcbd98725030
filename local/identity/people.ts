/** The demo people of the one-machine platform. In the cloud they are in Cognito. */
import { scryptSync, timingSafeEqual } from 'node:crypto'
import type { Group } from '../../platform.ts'

export type Person = {
  /** Opaque and stable: what images belong to. */
  readonly sub: string
  readonly email: string
  readonly name: string
  readonly group: Group
  /** What the sign-in page says about them. */
  readonly does: string
}

export const people: readonly Person[] = [
  {
    sub: '6f0c2b8e-3f0d-4e57-9a51-0b3f7c1d9e01',
    email: 'uma@darkroom.example',
    name: 'Uma Okafor',
    group: 'uploaders',
    does: 'uploads photographs',
  },
  {
    sub: 'b1d7e9a4-52c6-4b8a-8f3e-6d0a94c2e702',
    email: 'enzo@darkroom.example',
    name: 'Enzo Marchetti',
    group: 'engineers',
    does: 'runs the stream',
  },
  {
    sub: '2c94f6d3-7ab1-4c0e-b6d8-e58f13a07b03',
    email: 'ana@darkroom.example',
    name: 'Ana Lindqvist',
    group: 'analysts',
    does: 'reads the figures',
  },
  {
    sub: '9a3e51c7-04d8-4f6b-ae12-7c5b20f8d604',
    email: 'otto@darkroom.example',
    name: 'Otto Brandt',
    group: 'operators',
    does: 'keeps the stream going',
  },
  {
    sub: 'd07f2b64-8c19-4a35-b0e7-13f69a4c5e05',
    email: 'vera@darkroom.example',
    name: 'Vera Novak',
    group: 'viewers',
    does: 'watches the stream',
  },
  {
    sub: '4e8b1f90-6c2d-4a7e-9d35-72c0e5a8b106',
    email: 'lena@darkroom.example',
    name: 'Lena Sato',
    group: 'uploaders',
    does: 'uploads photographs of her own',
  },
]

/** Demo data, printed on the sign-in page: this platform listens on loopback only. */
export const demoPassword = 'seven-days'

/** scrypt (N 16384, r 8, p 1) of the demo password, as a real directory would keep it. */
const salt = Buffer.from('66d61f5ec1a9a6d2c1f5a0b6f2b7e4d9', 'hex')
const passwordHash = Buffer.from('a1664eb941956d2e78080feec5c8e124b60bc588f3d36a78e7d028e3af14ece4', 'hex')

/** The person with this address and password, or undefined; takes equally long for unknown addresses. */
export function authenticate(email: string, password: string): Person | undefined {
  const person = people.find((candidate) => candidate.email === email.trim().toLowerCase())
  const matches = timingSafeEqual(scryptSync(password, salt, passwordHash.length), passwordHash)
  return matches ? person : undefined
}

export const personBySub = (sub: string): Person | undefined => people.find((person) => person.sub === sub)
export const personInGroup = (group: Group): Person | undefined => people.find((person) => person.group === group)
