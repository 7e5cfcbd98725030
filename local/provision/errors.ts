/** What lies in the home does not fit what the platform is made of, and provisioning must not destroy it. */
export class ProvisionError extends Error {
  override readonly name = 'ProvisionError'
  readonly retriable = false
}
